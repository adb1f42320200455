/**
 * Owns what becomes of spans that arrive over OTLP: those of calls are kept, to be compared with what was settled, or each is charged.
 *
 * X2 a span around calls is none itself, in whatever order they come. X4 where any could not be decided all is answered 503, and the
 * exporter sends all again.
 */
import { type TracesTaken, limits, printInstant } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import {
  type BadSpan,
  type Observation,
  type ReceivedSpan,
  isBad,
  observe,
  readSpans,
  toolOperation,
  workspaceSaid,
} from "../../ingest/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { Dispatch } from "../dispatcher.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, refuse } from "../problems/problem.ts";
import { type Told, takeCharged } from "./charged-spans.ts";

/** A span may end so long after this node's clock; what ends later would be kept for ever. */
const aheadMsMax = 24 * 3_600_000;

/** Spans over OTLP/HTTP. */
export function traceIntakeHandlers(parts: ApiParts, dispatch: Dispatch): HandlersOf<"takeTraces"> {
  return {
    async takeTraces({ body, caller }) {
      const read = readSpans(body);
      if (read === undefined)
        return refuse("malformed", "The body is no ExportTraceServiceRequest of OTLP.");
      if (read.length > limits.spansAtOnceMax)
        return refuse(
          "too_large",
          `The call has ${read.length} spans; at most ${limits.spansAtOnceMax} are taken at once.`,
        );
      const latest = parts.catalog.now() + aheadMsMax;
      const spans = read.map((span) => notAhead(span, latest));
      const told: Told = { rejected: [], unmeasured: 0, settled: 0 };
      const byWorkspace = new Map<string, Observation[]>();
      for (const one of observe(spans)) {
        const workspace = isBad(one) ? one : workspaceOf(one, caller);
        if (typeof workspace === "object") told.rejected.push(workspace.why);
        else if (!isBad(one)) put(byWorkspace, workspace, one);
      }
      const all = spansByWorkspace(spans, byWorkspace, caller);
      for (const workspaceId of new Set([...byWorkspace.keys(), ...all.keys()])) {
        const own = {
          calls: byWorkspace.get(workspaceId) ?? [],
          spans: all.get(workspaceId) ?? [],
        };
        const refusal = await take(parts, { workspaceId, caller, dispatch, ...own, told });
        if (refusal !== undefined) return refusal;
      }
      return { kind: "done", status: 200, body: takenBody(told) };
    },
  };
}

function notAhead(span: ReceivedSpan | BadSpan, latest: number): ReceivedSpan | BadSpan {
  if (isBad(span) || span.endedAtMs <= latest) return span;
  return {
    kind: "bad",
    why: `span ${span.spanId} ends at ${printInstant(span.endedAtMs)}, more than a day ahead of this node's clock`,
  };
}

/** Calls of one workspace. */
interface Taking {
  readonly workspaceId: string;
  readonly caller: StoredKey | undefined;
  readonly dispatch: Dispatch;
  readonly calls: readonly Observation[];
  /** All of the workspace, of calls or not. */
  readonly spans: readonly ReceivedSpan[];
  readonly told: Told;
}

/** Keeps the calls, and charges them where the catalog in force says so; or says why it cannot now (X4). */
async function take(parts: ApiParts, taking: Taking): Promise<Refusal | undefined> {
  const { workspaceId, calls, told } = taking;
  const rules = parts.catalog.traces();
  if (rules.mode !== "debit" && calls.length === 0) return undefined;
  const known = await ask(parts.engine, workspaceId, () => true);
  if (known.kind === "refused") {
    told.rejected.push(...calls.map(() => known.problem.detail));
    return undefined;
  }
  if (rules.mode === "debit") return await takeCharged(parts, { ...taking, rules });
  await parts.observations.keep(
    workspaceId,
    calls.filter(({ operation }) => operation !== toolOperation),
  );
  return undefined;
}

/** A span that says no workspace is of those that have a call in its trace. */
function spansByWorkspace(
  spans: readonly (ReceivedSpan | BadSpan)[],
  calls: ReadonlyMap<string, readonly Observation[]>,
  caller: StoredKey | undefined,
): ReadonlyMap<string, readonly ReceivedSpan[]> {
  const bound = caller?.workspace;
  const ofTrace = new Map<string, string[]>();
  for (const [workspace, own] of calls)
    for (const traceId of new Set(own.map((one) => one.traceId))) put(ofTrace, traceId, workspace);
  const all = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    if (isBad(span)) continue;
    const said = workspaceSaid(span);
    const workspace = bound ?? said;
    if (bound !== undefined && said !== undefined && said !== bound) continue;
    const own = workspace === undefined ? (ofTrace.get(span.traceId) ?? []) : [workspace];
    for (const one of own) put(all, one, span);
  }
  return all;
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

function put<Value>(into: Map<string, Value[]>, name: string, one: Value): void {
  const own = into.get(name);
  if (own === undefined) into.set(name, [one]);
  else own.push(one);
}

const reasonsTold = 5;

function takenBody({ rejected, unmeasured, settled }: Told): TracesTaken {
  const kinds = [...new Set(rejected)];
  const parts = [
    ...kinds.slice(0, reasonsTold),
    ...(kinds.length > reasonsTold ? [`and ${kinds.length - reasonsTold} more`] : []),
    ...(unmeasured === 0
      ? []
      : [
          `${unmeasured} span(s) tell no usage and were not charged: GET …/reconciliation lists them`,
        ]),
    ...(settled === 0
      ? []
      : [
          `${settled} span(s) tell answers that were settled or debited besides, and were not charged again`,
        ]),
  ];
  return parts.length === 0
    ? {}
    : { partialSuccess: { rejectedSpans: rejected.length, errorMessage: parts.join("; ") } };
}
