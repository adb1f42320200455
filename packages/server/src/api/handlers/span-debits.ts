/**
 * Owns how the calls that spans tell of are charged, where the catalog says that they are.
 *
 * X1 a span is charged once, by its ids, over retries, nodes and restarts: they are the key of its debit. X3 a span that tells no usage
 * is kept and counted, and never charged as nothing.
 */
import { limits, printInstant } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import { type Observation, foldUsage, toolOperation } from "../../ingest/index.ts";
import type { Answer } from "../calls/operation.ts";
import type { Dispatch } from "../dispatcher.ts";
import { type Refusal, refuse } from "../problems/problem.ts";
import { spanKey } from "./uncharging.ts";

/** What spans of one workspace are charged with. */
export interface SpanDebits {
  readonly workspaceId: string;
  readonly caller: StoredKey | undefined;
  readonly dispatch: Dispatch;
  /** Of an operation; undefined: the catalog has none. */
  readonly meterOf: (operation: string) => string | undefined;
}

/** What became of one call; without an answer nothing was to be charged. */
export interface Charged {
  readonly one: Observation;
  readonly answer?: Answer;
}

/** Charges calls, so many at once as a batch has; one that could not be decided ends it. */
export async function chargeSpans(
  debits: SpanDebits,
  calls: readonly Observation[],
): Promise<readonly Charged[] | Refusal> {
  const all: Charged[] = [];
  for (let first = 0; first < calls.length; first += limits.batchOperationsMax) {
    const some = calls.slice(first, first + limits.batchOperationsMax);
    const charged = await Promise.all(some.map(async (one) => await chargeSpan(debits, one)));
    for (const { answer } of charged)
      if (answer?.kind === "refused" && answer.problem.status >= 500) return answer;
    all.push(...charged);
  }
  return all;
}

/** X3; a tool without a meter costs nothing. */
async function chargeSpan(debits: SpanDebits, one: Observation): Promise<Charged> {
  const meter = debits.meterOf(one.operation);
  if (one.usage === undefined || (meter === undefined && !isOfModel(one))) return { one };
  return { one, answer: await charge(debits, one, meter ?? one.operation) };
}

/** Whether the call is of a model, and no tool. */
export const isOfModel = ({ operation }: Observation): boolean => operation !== toolOperation;

/** Usage in buckets that the price does not know is folded into those that it knows; a model that has no price goes by the one asked for. */
async function charge(debits: SpanDebits, one: Observation, meter: string): Promise<Answer> {
  const { usage = {}, model, requestedModel, member } = one;
  if (member === undefined)
    return refuse(
      "invalid_request",
      "it says no member: set the attribute cistern.member on it or its resource",
    );
  const common = debitOf(one, meter);
  let body = { ...common, usage, ...(model === undefined ? {} : { model }) };
  let answer = await send(debits, one, body);
  const isUnpriced = answer.kind === "refused" && answer.problem.code === "unknown_model";
  if (isUnpriced && requestedModel !== undefined && requestedModel !== model) {
    body = { ...body, model: requestedModel };
    answer = await send(debits, one, body);
  }
  const buckets = answer.kind === "refused" ? answer.problem.buckets : undefined;
  if (buckets === undefined) return answer;
  return await send(debits, one, { ...body, usage: foldUsage(usage, new Set(buckets)) });
}

/** X1. */
async function send(
  { dispatch, workspaceId, caller }: SpanDebits,
  one: Observation,
  body: object,
): Promise<Answer> {
  const { opId: idempotencyKey, fingerprint } = spanKey(one);
  const path = `/v1/workspaces/${encodeURIComponent(workspaceId)}/debits`;
  return await dispatch({ method: "POST", path, idempotencyKey, fingerprint, body }, caller);
}

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
