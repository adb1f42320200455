/**
 * Owns that what a span was charged with is given back where it turns out that its call is charged besides: calls lie within it, or a
 * settlement tells the same answer.
 *
 * G1 a call whose charge was not written down yet is taken the key of its charge: either the debit is there and is given back, or one
 * of nothing takes its place for good. G2 the refund has a key of its own, so that it happens once, whoever finds it first. G3 whoever
 * settles looks for spans after the settlement is durable, and whoever charges a span looks for settlements after that is written down:
 * at least one of two at one time sees the other.
 */
import { hash } from "node:crypto";
import { type Event, credits, usageRows } from "@cistern/kernel";
import { type Chargeable, type SpanIds, type Uncharged, placeOf } from "../../ingest/index.ts";
import { carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import type { ApiParts } from "../parts.ts";
import type { Refusal } from "../problems/problem.ts";

/** The key under which a span is charged. */
export function spanKey(span: SpanIds): { readonly opId: string; readonly fingerprint: string } {
  const opId = `otlp:${placeOf(span)}`;
  return { opId, fingerprint: hash("sha256", opId) };
}

/** Gives back what calls were charged with; a refusal says that it cannot be done now. */
export async function uncharge(
  parts: Uncharging,
  workspaceId: string,
  calls: readonly (Chargeable & { readonly why: Uncharged })[],
): Promise<Refusal | undefined> {
  for (const { why, ...call } of calls) {
    const debit = call.debit ?? (await takenKey(parts, workspaceId, call));
    if (typeof debit === "object") return debit;
    if (debit === undefined) continue;
    const refund = await refunded(parts, workspaceId, { ...call, debit });
    if (typeof refund === "object") return refund;
    const { traceId, spanId } = call;
    await parts.observations.givenBack(workspaceId, { traceId, spanId, why, debit, refund });
  }
  return undefined;
}

/** What is stood on. */
export type Uncharging = Pick<ApiParts, "engine" | "observations" | "newId">;

/** G1: the id of what the span was charged with, or of nothing. */
async function takenKey(
  { engine, newId }: Uncharging,
  workspaceId: string,
  call: Chargeable,
): Promise<string | undefined | Refusal> {
  // Without a member it is refused wherever it is told.
  if (call.member === null) return undefined;
  const answer = await carryOut(engine, "usage.debited", {
    workspaceId,
    key: spanKey(call),
    command: {
      kind: "debit",
      debit: newId("dbt"),
      member: call.member,
      meter: null,
      model: null,
      amount: { kind: "credits", credits: credits(0n) },
      occurredAt: null,
      run: null,
      project: null,
      isEstimated: false,
      response: null,
      attributes: null,
    },
  });
  if (answer.kind !== "refused") return answer.event.debit;
  return answer.problem.status >= 500 ? answer : undefined;
}

/** G2. */
async function refunded(
  { engine, newId }: Uncharging,
  workspaceId: string,
  call: Chargeable & { readonly debit: string },
): Promise<string | undefined | Refusal> {
  const opId = `otlp-back:${placeOf(call)}`;
  const answer = await carryOut(engine, "usage.refunded", {
    workspaceId,
    key: { opId, fingerprint: hash("sha256", opId) },
    command: {
      kind: "refund",
      refund: newId("rfd"),
      of: call.debit,
      credits: null,
      reason: "charged besides",
      recalled: null,
    },
  });
  if (answer.kind !== "refused") return answer.event.refund;
  // Nothing is left of it: it was of nothing, or somebody gave it back.
  return answer.problem.status >= 500 ? answer : undefined;
}

/** Where spans are charged: gives back those that tell the answer which was settled just now, under whatever key but a span's (G3). */
export async function unchargeSettled(
  parts: Uncharging & Pick<ApiParts, "catalog">,
  workspaceId: string,
  { opId, event }: { readonly opId: RequestKey["opId"]; readonly event: Event },
): Promise<Refusal | undefined> {
  if (parts.catalog.traces().mode !== "debit" || opId?.startsWith("otlp:") === true)
    return undefined;
  const response = "response" in event ? event.response : undefined;
  if (response === undefined) return undefined;
  for (const { id, occurredAt } of usageRows(event)) {
    const answer = { response, id, occurredAtMs: occurredAt };
    const calls = await parts.observations.chargeableOf(workspaceId, answer);
    const why = { fate: "settled", toldBy: id } as const;
    const refusal = await uncharge(
      parts,
      workspaceId,
      calls.map((call) => ({ ...call, why })),
    );
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
