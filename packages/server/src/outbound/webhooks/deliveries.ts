/**
 * Owns how an event gets to an endpoint, and what an answer means.
 *
 * E1 one event a request, so that order is the receiver's too. E2 only 2xx, come whole, is taken; 410 disables the endpoint at once. E3 an event that was
 * not taken is tried again by the schedule, later where `Retry-After` says so; when the schedule has run out the endpoint is disabled, and no event is
 * passed over. E4 the id is the event's: the same at each attempt and on each node.
 */
import type { EngineClock } from "../../engine/index.ts";
import type { Batch, Consumer, Outcome } from "../consumer.ts";
import type { AttemptLog } from "./attempt-log.ts";
import { type Endpoint, secretsAt, wantsType } from "./endpoint.ts";
import type { Send, Sent } from "./send.ts";
import { signedHeaders } from "./sign.ts";

/** How failures are waited for. */
export interface RetrySchedule {
  /** Pause after the first failure of an event, the second, and so on; after the last the endpoint is disabled. Milliseconds. */
  readonly retryMs: readonly number[];
  /** Added to a pause: up to this share of it. */
  readonly jitter: number;
}

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** Five days and a few hours. */
export const retryScheduleDefault: RetrySchedule = {
  retryMs: [
    5 * second,
    5 * minute,
    30 * minute,
    2 * hour,
    5 * hour,
    10 * hour,
    14 * hour,
    20 * hour,
    24 * hour,
    24 * hour,
    24 * hour,
  ],
  jitter: 0.2,
};

/** What deliveries stand on. */
export interface DeliveryAround {
  readonly send: Send;
  readonly clock: Pick<EngineClock, "now">;
  readonly log: AttemptLog;
  readonly newId: (prefix: string) => string;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly schedule: RetrySchedule;
  /** Sending takes at most so long. */
  readonly timeoutMs: number;
  readonly disable: (endpoint: Endpoint, reason: string) => Promise<void>;
}

const togetherMax = 8;
const retryAfterMsMax = 24 * hour;

/** An endpoint as somebody who gets every event. */
export function consumerOf(endpoint: Endpoint, around: DeliveryAround): Consumer {
  const { types, workspaces, createdAtMs, consumer } = endpoint;
  return {
    name: consumer,
    sinceMs: createdAtMs,
    workspaces,
    wants: types === undefined ? undefined : ({ type }) => wantsType(endpoint, type),
    batchEventsMax: 1,
    togetherMax,
    // Sending gives up by itself before.
    deliverMsMax: 2 * around.timeoutMs,
    // The outcome says the pause.
    retryMs: () => 0,
    deliver: (batch) => deliver(endpoint, batch, around),
  };
}

/** Sends an event once, signed by the secrets that count now. */
export async function sendEvent(
  endpoint: Endpoint,
  event: { readonly id: string },
  { send, clock }: Pick<DeliveryAround, "send" | "clock">,
  signal?: AbortSignal,
): Promise<Sent> {
  const atMs = clock.now();
  const secrets = secretsAt(endpoint, atMs);
  if (secrets === undefined) return { kind: "fault", fault: isLocked, ms: 0 };
  const body = JSON.stringify(event);
  const headers = {
    "content-type": "application/cloudevents+json; charset=utf-8",
    "user-agent": "Cistern-Webhooks",
    ...signedHeaders({ id: event.id, atMs, body }, secrets),
  };
  return await send({
    url: endpoint.url,
    headers,
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}

const isLocked =
  "Its secret is sealed by a key that is not in CISTERN_SECRET_KEY. Give the key, or rotate the secret.";

/** E2. */
export const isTaken = (sent: Sent): boolean =>
  sent.kind === "answered" && sent.status >= 200 && sent.status < 300;

/** Why an answer does not count; undefined: it does. */
export function faultOf(sent: Sent): string | undefined {
  if (isTaken(sent)) return undefined;
  if (sent.kind === "fault") return sent.fault;
  const isRedirect = sent.status >= 300 && sent.status < 400;
  return isRedirect
    ? `It answered ${sent.status}: redirects are not followed.`
    : `It answered ${sent.status}.`;
}

async function deliver(
  endpoint: Endpoint,
  { workspaceId, events: [event], attempt, signal }: Batch,
  around: DeliveryAround,
): Promise<Outcome> {
  const { clock, log, newId } = around;
  const atMs = clock.now();
  const sent = await sendEvent(endpoint, event, around, signal);
  const fault = faultOf(sent);
  // It was given up because the node ends: that is no answer of the endpoint.
  if (fault !== undefined && signal.aborted) return { kind: "failed", reason: fault };
  const verdict = verdictOf(sent, attempt, around);
  log.add(endpoint.consumer, {
    id: newId("att"),
    atMs,
    workspaceId,
    eventId: event.id,
    eventType: event.type,
    attempt,
    ms: sent.ms,
    taken: verdict.kind === "taken",
    status: sent.kind === "answered" ? sent.status : undefined,
    fault,
    nextAtMs: verdict.kind === "again" ? clock.now() + verdict.pauseMs : undefined,
  });
  switch (verdict.kind) {
    case "taken":
      return { kind: "delivered" };
    case "again":
      return { kind: "failed", reason: fault ?? "", pauseMs: verdict.pauseMs };
    case "over": {
      await around.disable(endpoint, `${verdict.reason} Event ${event.id} was not taken: ${fault}`);
      return { kind: "stopped" };
    }
  }
}

type Verdict =
  | { readonly kind: "taken" }
  | { readonly kind: "again"; readonly pauseMs: number }
  | { readonly kind: "over"; readonly reason: string };

/** E2, E3. */
function verdictOf(
  sent: Sent,
  attempt: number,
  { schedule: { retryMs, jitter }, chance, clock }: DeliveryAround,
): Verdict {
  if (isTaken(sent)) return { kind: "taken" };
  if (sent.kind === "answered" && sent.status === 410)
    return { kind: "over", reason: "The endpoint is gone for good (410)." };
  const pause = retryMs[attempt - 1];
  if (pause === undefined) return { kind: "over", reason: `All ${attempt} attempts have failed.` };
  const asked = sent.kind === "answered" ? retryAfterMs(sent.retryAfter, clock.now()) : 0;
  return { kind: "again", pauseMs: Math.max(asked, Math.round(pause * (1 + jitter * chance()))) };
}

/** Seconds, or a date. A day at most, so that nobody is silent for longer than the schedule is. */
function retryAfterMs(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0;
  const isSeconds = /^[0-9]{1,9}$/.test(text.trim());
  // oxlint-disable-next-line no-restricted-globals -- no clock: reads the date that a header gives
  const ms = isSeconds ? Number(text) * 1_000 : new Date(text).getTime() - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), retryAfterMsMax) : 0;
}
