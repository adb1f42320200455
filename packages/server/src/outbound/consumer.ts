/**
 * Owns what a consumer is: somebody who must get every event of workspaces in order, at least once. Webhook endpoints, streams and
 * files are consumers; a pump drives them.
 */
import type { CloudEvent } from "@cistern/contract";

/** Events of one workspace, in order; all of one batch are delivered, or none. */
export interface Batch {
  readonly workspaceId: string;
  readonly events: readonly [CloudEvent, ...CloudEvent[]];
  /** 1 at the first attempt. A batch that is tried again begins with the same event, and may have grown. */
  readonly attempt: number;
  /** Aborted when the delivery takes too long, or the node ends. */
  readonly signal: AbortSignal;
}

/** What became of a batch. A delivery that throws has failed. */
export type Outcome =
  /** Durable where it went: it is not sent again, unless this node ends before that is noted. */
  | { readonly kind: "delivered" }
  /** Later events of this workspace wait; other workspaces go on. `pauseMs`: at least so long, as the other side asked. */
  | { readonly kind: "failed"; readonly reason: string; readonly pauseMs?: number }
  /** It takes nothing of any workspace now: one at a time is tried until one is taken, then all go on. */
  | { readonly kind: "away"; readonly reason: string }
  /** The consumer takes no more; its places stay. */
  | { readonly kind: "stopped" };

/**
 * A consumer.
 *
 * @example pump.put({ name: "stdout", sinceMs: 0, batchEventsMax: 100, togetherMax: 4, deliverMsMax: 10_000, retryMs: () => 1_000, deliver })
 */
export interface Consumer {
  /** Its places are kept under this name; unique, and never given to another. At most 100 characters. */
  readonly name: string;
  /** Events appended before this instant (milliseconds) are passed over in workspaces that it has no place in. 0: none are. */
  readonly sinceMs: number;
  /** Of these alone; left out: of all workspaces, also of those that come. */
  readonly workspaces?: readonly string[] | undefined;
  /** Events that it does not want are passed over; left out: it wants all. */
  readonly wants?: ((event: CloudEvent) => boolean) | undefined;
  readonly batchEventsMax: number;
  /** Workspaces at once. */
  readonly togetherMax: number;
  /** A delivery that takes longer has failed. */
  readonly deliverMsMax: number;
  /** Pause after so many failures in a row (from 1): of one workspace, or of all while it is away. */
  readonly retryMs: (failures: number) => number;
  readonly deliver: (batch: Batch) => Promise<Outcome>;
}
