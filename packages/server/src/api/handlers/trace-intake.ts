/**
 * Owns what becomes of spans that arrive over OTLP: those of calls are kept, to be compared with what was settled, or each is charged.
 *
 * X1 a span is charged once, by its ids, over retries, nodes and restarts: they are the key of its debit. X2 a span around calls is
 * none itself, also where those came in an earlier request. X3 a span that tells no usage is kept and counted, and never charged as
 * nothing. X4 where any could not be decided all is answered 503, and the exporter sends all again.
 */
import { hash } from "node:crypto";
import { type TracesTaken, limits, printInstant } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import {
  type BadSpan,
  type KeptObservation,
  type Observation,
  foldUsage,
  isBad,
  observe,
  placeOf,
  readSpans,
  toolOperation,
} from "../../ingest/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { Answer } from "../calls/operation.ts";
import type { Dispatch } from "../dispatcher.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, refuse } from "../problems/problem.ts";

/** Spans over OTLP/HTTP. */
export function traceIntakeHandlers(parts: ApiParts, dispatch: Dispatch): HandlersOf<"takeTraces"> {
  const { engine, observations, catalog } = parts;
  const { isDebiting, meterOf } = tracesOf(catalog);

  /** Keeps, and charges, the calls of one workspace. */
  const take = async (
    workspaceId: string,
    calls: readonly Observation[],
    caller: StoredKey | undefined,
    told: Told,
  ): Promise<Refusal | undefined> => {
    const known = await ask(engine, workspaceId, () => true);
    if (known.kind === "refused") {
      if (known.problem.status >= 500) return known;
      told.rejected.push(...calls.map(() => known.problem.detail));
      return undefined;
    }
    if (!isDebiting()) {
      await observations.keep(workspaceId, calls.filter(isOfModel));
      return undefined;
    }
    const outer = await observations.outer(workspaceId, calls);
    const own = calls.filter((one) => !outer.has(placeOf(one)));
    for (let first = 0; first < own.length; first += limits.batchOperationsMax) {
      const refusal = await chargeAll(
        workspaceId,
        own.slice(first, first + limits.batchOperationsMax),
        caller,
        told,
      );
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };

  const chargeAll = async (
    workspaceId: string,
    calls: readonly Observation[],
    caller: StoredKey | undefined,
    told: Told,
  ): Promise<Refusal | undefined> => {
    const charged = await Promise.all(
      calls.map(async (one): Promise<Charged> => {
        const meter = meterOf(one.operation);
        if (one.usage === undefined || (meter === undefined && !isOfModel(one))) return { one };
        return { one, answer: await charge(dispatch, caller, { workspaceId, one, meter }) };
      }),
    );
    const undecided = charged.find(({ answer }) => isUndecided(answer))?.answer;
    if (isUndecided(undecided)) return undecided;
    await observations.keep(workspaceId, charged.flatMap(keptOf));
    for (const { one, answer } of charged) {
      if (one.usage === undefined) told.unmeasured += 1;
      if (answer?.kind === "refused")
        told.rejected.push(`span ${one.spanId}: ${answer.problem.detail}`);
    }
    return undefined;
  };

  return {
    async takeTraces({ body, caller }) {
      const spans = readSpans(body);
      if (spans === undefined)
        return refuse("malformed", "The body is no ExportTraceServiceRequest of OTLP.");
      if (spans.length > limits.spansAtOnceMax)
        return refuse(
          "too_large",
          `The call has ${spans.length} spans; at most ${limits.spansAtOnceMax} are taken at once.`,
        );
      const told: Told = { rejected: [], unmeasured: 0 };
      const byWorkspace = new Map<string, Observation[]>();
      for (const one of observe(spans)) {
        const workspace = isBad(one) ? one : workspaceOf(one, caller);
        if (typeof workspace === "object") told.rejected.push(workspace.why);
        else if (!isBad(one)) put(byWorkspace, workspace, one);
      }
      for (const [workspaceId, calls] of byWorkspace) {
        const refusal = await take(workspaceId, calls, caller, told);
        if (refusal !== undefined) return refusal;
      }
      return { kind: "done", status: 200, body: takenBody(told) };
    },
  };
}

/** What is told of spans that were not taken as they are. */
interface Told {
  readonly rejected: string[];
  unmeasured: number;
}

interface Charged {
  readonly one: Observation;
  readonly answer?: Answer;
}

const isOfModel = ({ operation }: Observation): boolean => operation !== toolOperation;

/** X4. */
const isUndecided = (answer: Answer | undefined): answer is Refusal =>
  answer?.kind === "refused" && answer.problem.status >= 500;

/** What the catalog in force says of spans. */
function tracesOf(catalog: ApiParts["catalog"]) {
  return {
    isDebiting: (): boolean => catalog.traces().mode === "debit",
    meterOf: (operation: string): string | undefined => {
      const meter = catalog.traces().meters?.[operation] ?? operation;
      return catalog.meters().has(meter) ? meter : undefined;
    },
  };
}

/** A key of one workspace speaks for no other. */
function workspaceOf(
  { workspace, spanId }: Observation,
  caller: StoredKey | undefined,
): string | BadSpan {
  const bound = caller?.workspace;
  if (bound !== undefined && workspace !== undefined && workspace !== bound)
    return {
      kind: "bad",
      why: `span ${spanId} is of workspace ${workspace}, and the key opens ${bound} alone`,
    };
  return (
    bound ??
    workspace ?? {
      kind: "bad",
      why: `span ${spanId} says no workspace: set the attribute cistern.workspace on it or its resource, or send it with a key of one workspace`,
    }
  );
}

function put(into: Map<string, Observation[]>, workspace: string, one: Observation): void {
  const own = into.get(workspace);
  if (own === undefined) into.set(workspace, [one]);
  else own.push(one);
}

interface ToCharge {
  readonly workspaceId: string;
  readonly one: Observation;
  readonly meter: string | undefined;
}

/** X1. Usage in buckets that the price does not know is folded into those that it knows; a model that has no price goes by the one asked for. */
async function charge(
  dispatch: Dispatch,
  caller: StoredKey | undefined,
  { workspaceId, one, meter }: ToCharge,
): Promise<Answer> {
  const { usage = {}, model, requestedModel, member } = one;
  if (member === undefined)
    return refuse(
      "invalid_request",
      "it says no member: set the attribute cistern.member on it or its resource",
    );
  const attempt = async (said: object): Promise<Answer> =>
    await dispatch(
      {
        method: "POST",
        path: `/v1/workspaces/${encodeURIComponent(workspaceId)}/debits`,
        idempotencyKey: `otlp:${placeOf(one)}`,
        fingerprint: hash("sha256", `otlp:${placeOf(one)}`),
        body: { ...debitOf(one, meter ?? one.operation), ...said },
      },
      caller,
    );
  let said: { usage: Observation["usage"]; model?: string } = { usage, ...modelPart(model) };
  let answer = await attempt(said);
  if (
    codeOf(answer) === "unknown_model" &&
    requestedModel !== undefined &&
    requestedModel !== model
  ) {
    said = { ...said, model: requestedModel };
    answer = await attempt(said);
  }
  const buckets = answer.kind === "refused" ? answer.problem.buckets : undefined;
  if (buckets === undefined) return answer;
  return await attempt({ ...said, usage: foldUsage(usage, new Set(buckets)) });
}

const modelPart = (model: string | undefined) => (model === undefined ? {} : { model });

const codeOf = (answer: Answer): string | undefined =>
  answer.kind === "refused" ? answer.problem.code : undefined;

function debitOf(
  { member, endedAtMs, run, project, response, provider }: Observation,
  meter: string,
) {
  return {
    member,
    meter,
    occurredAt: printInstant(endedAtMs),
    ...(run === undefined ? {} : { run }),
    ...(project === undefined ? {} : { project }),
    ...(response === undefined ? {} : { response }),
    ...(provider === undefined ? {} : { attributes: { provider } }),
  };
}

/** A tool is paid for by itself, and no provider names its answer: there is nothing to compare. */
function keptOf({ one, answer }: Charged): readonly KeptObservation[] {
  if (!isOfModel(one)) return [];
  const body: unknown = answer?.kind === "done" ? answer.body : undefined;
  const id: unknown =
    typeof body === "object" && body !== null ? Reflect.get(body, "id") : undefined;
  return [{ ...one, debit: typeof id === "string" ? id : undefined }];
}

const reasonsTold = 5;

function takenBody({ rejected, unmeasured }: Told): TracesTaken {
  const kinds = [...new Set(rejected)];
  const parts = [
    ...kinds.slice(0, reasonsTold),
    ...(kinds.length > reasonsTold ? [`and ${kinds.length - reasonsTold} more`] : []),
    ...(unmeasured === 0
      ? []
      : [
          `${unmeasured} span(s) tell no usage and were not charged: GET …/reconciliation lists them`,
        ]),
  ];
  return parts.length === 0
    ? {}
    : { partialSuccess: { rejectedSpans: rejected.length, errorMessage: parts.join("; ") } };
}
