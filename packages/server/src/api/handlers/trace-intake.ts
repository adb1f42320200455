/**
 * Owns what becomes of spans that arrive over OTLP: those of calls are kept, to be compared with what was settled, or each is charged.
 *
 * X2 a span around calls is none itself, also where those came in an earlier request. X4 where any could not be decided all is answered
 * 503, and the exporter sends all again.
 */
import { type TracesTaken, limits } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import {
  type BadSpan,
  type Observation,
  isBad,
  observe,
  placeOf,
  readSpans,
} from "../../ingest/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { Dispatch } from "../dispatcher.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, refuse } from "../problems/problem.ts";
import { chargeSpans, isOfModel, keptOf } from "./span-debits.ts";

/** Spans over OTLP/HTTP. */
export function traceIntakeHandlers(parts: ApiParts, dispatch: Dispatch): HandlersOf<"takeTraces"> {
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
        const refusal = await take(parts, { workspaceId, caller, dispatch, calls, told });
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

/** Calls of one workspace. */
interface Taking {
  readonly workspaceId: string;
  readonly caller: StoredKey | undefined;
  readonly dispatch: Dispatch;
  readonly calls: readonly Observation[];
  readonly told: Told;
}

/** Keeps the calls, and charges them where the catalog in force says so; or says why it cannot now (X4). */
async function take(
  { engine, observations, catalog }: ApiParts,
  { calls, told, ...debits }: Taking,
): Promise<Refusal | undefined> {
  const { workspaceId } = debits;
  const known = await ask(engine, workspaceId, () => true);
  if (known.kind === "refused") {
    told.rejected.push(...calls.map(() => known.problem.detail));
    return undefined;
  }
  const { mode, meters = {} } = catalog.traces();
  if (mode !== "debit") {
    await observations.keep(workspaceId, calls.filter(isOfModel));
    return undefined;
  }
  const outer = await observations.outer(workspaceId, calls);
  const own = calls.filter((one) => !outer.has(placeOf(one)));
  const meterOf = (operation: string): string | undefined => {
    const meter = Object.hasOwn(meters, operation) ? meters[operation] : operation;
    return meter !== undefined && catalog.meters().has(meter) ? meter : undefined;
  };
  const charged = await chargeSpans({ ...debits, meterOf }, own);
  if ("kind" in charged) return charged;
  await observations.keep(workspaceId, charged.flatMap(keptOf));
  for (const { one, answer } of charged) {
    if (one.usage === undefined) told.unmeasured += 1;
    if (answer?.kind === "refused")
      told.rejected.push(`span ${one.spanId}: ${answer.problem.detail}`);
  }
  return undefined;
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
