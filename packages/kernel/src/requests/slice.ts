/**
 * Owns the requests of one workspace: those that wait, and the last that ended.
 *
 * Q1 of one member one request at a time waits for one limit. Q2 at most `endedMax` that ended stay; older ones are in the journal.
 */
import { DueQueue } from "../state/due-queue.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { CreditRequest } from "./request.ts";

/** So many requests that ended stay. */
const endedMax = 1_000;

/** Requests of one workspace. */
export interface RequestSlice {
  readonly requests: Table<CreditRequest>;
  readonly expiring: DueQueue;
  readonly ended: DueQueue;
  /** What waits, by member and limit. */
  readonly waiting: ReadonlyMap<string, CreditRequest>;
}

/** An empty slice. */
export function requestSlice(undo: UndoLog): RequestSlice {
  const requests = new Table<CreditRequest>("creditRequests", undo, isRequest);
  const expiring = new DueQueue((id, dueAt) => expiryOf(requests.get(id)) === dueAt);
  const ended = new DueQueue((id, dueAt) => requests.get(id)?.end?.at === dueAt);
  const waiting = new Map<string, CreditRequest>();
  requests.watch((id, before, after) => {
    if (before?.end === null) waiting.delete(waitingKey(before));
    if (after?.end === null) waiting.set(waitingKey(after), after);
    expiring.change(id, expiryOf(before), expiryOf(after));
    ended.change(id, before?.end?.at, after?.end?.at);
  });
  return { requests, expiring, ended, waiting };
}

/** The request of a member for a limit that waits. */
export const waitingFor = (
  { waiting }: RequestSlice,
  asked: Pick<CreditRequest, "member" | "limit">,
): CreditRequest | undefined => waiting.get(waitingKey(asked));

/** A request as an event states it; of those that ended the oldest go (Q2). */
export function setRequest(
  { requests, waiting, ended }: RequestSlice,
  request: CreditRequest,
): void {
  requests.set(request.id, request);
  if (requests.size - waiting.size <= endedMax) return;
  const oldest = ended.first();
  if (oldest !== undefined) requests.set(oldest.id, undefined);
}

/** Ids have no `|`. */
const waitingKey = ({ member, limit }: Pick<CreditRequest, "member" | "limit">): string =>
  `${member}|${limit ?? ""}`;

const expiryOf = (request: CreditRequest | undefined): number | undefined =>
  request?.end === null ? request.expiresAt : undefined;

const isRequest = (value: unknown): value is CreditRequest =>
  typeof value === "object" && value !== null && "expiresAt" in value && "end" in value;
