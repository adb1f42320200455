/**
 * Owns how spans are taken where the catalog says that each call is charged (docs/decisions/0061).
 *
 * Y1 a call is charged by what is known when it comes: not where calls lie within it, nor where its answer was settled or debited
 * besides. Y2 what is known only later gives back what was charged, in whatever order and on whatever node it comes. Y3 the row of a call
 * says that it may be charged before it is, and what it was charged with before the last look.
 */
import type { StoredKey } from "../../identity/index.ts";
import {
  type Chargeable,
  type Observation,
  type ReceivedSpan,
  type SettledNear,
  type TraceRules,
  type Uncharged,
  oneCallMsMax,
  placeOf,
  tellsUsage,
} from "../../ingest/index.ts";
import { ask } from "../calls/carry-out.ts";
import type { Dispatch } from "../dispatcher.ts";
import type { ApiParts } from "../parts.ts";
import type { Refusal } from "../problems/problem.ts";
import { type Charged, chargeSpans, isOfModel } from "./span-debits.ts";
import { uncharge } from "./uncharging.ts";

/** What is told of spans that were not taken as they are. */
export interface Told {
  readonly rejected: string[];
  unmeasured: number;
  /** They tell answers that were settled besides. */
  settled: number;
}

/** Spans of one workspace, some of which are calls. */
export interface ChargedTaking {
  readonly workspaceId: string;
  readonly caller: StoredKey | undefined;
  readonly dispatch: Dispatch;
  readonly spans: readonly ReceivedSpan[];
  readonly calls: readonly Observation[];
  readonly rules: TraceRules;
  readonly told: Told;
}

/** Charges the calls that are to be charged and keeps all of them, or says why it cannot now. */
export async function takeCharged(
  parts: ApiParts,
  taking: ChargedTaking,
): Promise<Refusal | undefined> {
  const { workspaceId, spans, calls, told } = taking;
  const { observations, spanLinks } = parts;
  const around = await spanLinks.take(workspaceId, spans, calls.filter(tellsUsage));
  const refused = await unchargeAround(parts, workspaceId, [...around.values()]);
  if (refused !== undefined) return refused;
  const reasons = await reasonsOf(parts, taking);
  await observations.keep(
    workspaceId,
    calls.filter(isOfModel).map((one) => {
      const why = reasons.get(placeOf(one));
      if (one.usage === undefined) return one;
      return { ...one, fate: "charging" as const, ...why };
    }),
  );
  const own = calls.filter((one) => !reasons.has(placeOf(one)));
  const charged = await chargeSpans({ ...taking, meterOf: meterOf(parts, taking.rules) }, own);
  if ("kind" in charged) return charged;
  await observations.charged(
    workspaceId,
    charged
      .filter(({ one }) => isOfModel(one))
      .map(({ one: { traceId, spanId }, answer }) => ({ traceId, spanId, debit: idIn(answer) })),
  );
  for (const { one, answer } of charged) {
    if (one.usage === undefined) told.unmeasured += 1;
    if (answer?.kind === "refused")
      told.rejected.push(`span ${one.spanId}: ${answer.problem.detail}`);
  }
  const later = await lookAgain(parts, taking);
  if ("kind" in later) return later;
  told.settled += [...reasons.values(), ...later].filter(({ fate }) => fate === "settled").length;
  return undefined;
}

const meterOf =
  ({ catalog }: ApiParts, { meters = {} }: TraceRules) =>
  (operation: string): string | undefined => {
    const meter = Object.hasOwn(meters, operation) ? meters[operation] : operation;
    return meter !== undefined && catalog.meters().has(meter) ? meter : undefined;
  };

async function unchargeAround(
  parts: ApiParts,
  workspaceId: string,
  spans: readonly { readonly traceId: string; readonly spanId: string }[],
): Promise<Refusal | undefined> {
  const calls = await parts.observations.chargeable(workspaceId, spans);
  const why = { fate: "around" } as const;
  return await uncharge(
    parts,
    workspaceId,
    calls.map((call) => ({ ...call, why })),
  );
}

/** Y1. What may have been charged already is told again under its key, and looked at after that. */
async function reasonsOf(
  parts: ApiParts,
  { workspaceId, calls }: ChargedTaking,
): Promise<ReadonlyMap<string, Uncharged>> {
  const { observations, spanLinks } = parts;
  const measured = calls.filter(tellsUsage);
  const outer = await spanLinks.around(workspaceId, measured);
  const begun = new Set((await observations.chargeable(workspaceId, measured)).map(placeOf));
  const fresh = measured.filter((one) => !begun.has(placeOf(one)));
  const settled = await settledBesides(parts, workspaceId, fresh);
  const reasons = new Map<string, Uncharged>();
  for (const one of measured) {
    const place = placeOf(one);
    const toldBy = settled.get(place);
    if (outer.has(place)) reasons.set(place, { fate: "around" });
    else if (toldBy !== undefined) reasons.set(place, { fate: "settled", toldBy });
  }
  return reasons;
}

/** By call, what was settled of the same answer about its time. The tables are waited for. */
async function settledBesides(
  { engine, observations, projected }: ApiParts,
  workspaceId: string,
  calls: readonly Observation[],
): Promise<ReadonlyMap<string, string>> {
  const named = calls.filter(({ response }) => response !== undefined);
  if (named.length === 0) return new Map();
  const known = await ask(engine, workspaceId, () => true);
  if (known.kind !== "refused") await projected(workspaceId, known.at.seq);
  const settled = Map.groupBy(
    await observations.settledNear(workspaceId, named),
    ({ response }) => response,
  );
  const found = new Map<string, string>();
  for (const one of named) {
    const near = settled.get(one.response ?? "")?.find((settlement) => isNear(one, settlement));
    if (near !== undefined) found.set(placeOf(one), near.id);
  }
  return found;
}

const isNear = ({ endedAtMs }: Observation, { occurredAtMs }: SettledNear): boolean =>
  Math.abs(endedAtMs - occurredAtMs) <= oneCallMsMax;

/** Y2: what came while these were charged. */
async function lookAgain(
  parts: ApiParts,
  { workspaceId, calls: seen }: ChargedTaking,
): Promise<readonly Uncharged[] | Refusal> {
  const calls = seen.filter(tellsUsage);
  const outer = await parts.spanLinks.around(workspaceId, calls);
  const settled = await settledBesides(parts, workspaceId, calls);
  const found: (Chargeable & { readonly why: Uncharged })[] = [];
  for (const call of await parts.observations.chargeable(workspaceId, calls)) {
    const toldBy = settled.get(placeOf(call));
    if (outer.has(placeOf(call))) found.push({ ...call, why: { fate: "around" } });
    else if (toldBy !== undefined) found.push({ ...call, why: { fate: "settled", toldBy } });
  }
  return (await uncharge(parts, workspaceId, found)) ?? found.map(({ why }) => why);
}

function idIn(answer: Charged["answer"]): string | undefined {
  const body: unknown = answer?.kind === "done" ? answer.body : undefined;
  const id: unknown =
    typeof body === "object" && body !== null ? Reflect.get(body, "id") : undefined;
  return typeof id === "string" ? id : undefined;
}
