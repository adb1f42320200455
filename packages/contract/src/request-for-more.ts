import type { PageQuery } from "./page.ts";
import type { Position } from "./position.ts";

/** Asks for more than a cap gives. */
export interface AskForMore {
  readonly member: string;
  /** The cap that stops it: one of the member's `allowance`. Left out: reserved credits of others are asked for. */
  readonly limit?: string;
  /** How much more. */
  readonly credits: string;
  /** For people: it stands outside the journal, and can be erased. */
  readonly reason?: string;
  /** How long it waits for an answer: default `P7D`, at most `P30D`. */
  readonly ttl?: string;
}

/**
 * Gives more. `once`: so many credits beyond the cap, each one time, until the window ends. `period`: the cap is higher until
 * the window ends. `limit`: `credits` is the whole cap from now on, above the one that stands; of a
 * default for each member, for this member alone.
 * `gift`: reserved credits of another member, where the pool is shared.
 */
export interface Approve {
  /** The member who answers: an owner of the workspace, or a lead of a group of the member who asks. */
  readonly by: string;
  readonly as: "once" | "period" | "limit" | "gift";
  /** Left out: as many as were asked for, on top of the cap. */
  readonly credits?: string;
  /** Of a gift: whose reserved credits; left out: those of `by`. Those of others only an owner gives. */
  readonly from?: string;
  /** For people, as `reason`. */
  readonly note?: string;
}

/** Gives nothing. */
export interface Decline {
  readonly by: string;
  readonly note?: string;
}

/** Where a request stands. */
export type RequestStatus = "open" | "approved" | "declined" | "expired";

/** A request for more. */
export interface RequestForMore {
  readonly id: string;
  readonly member: string;
  readonly limit?: string;
  readonly credits: string;
  readonly status: RequestStatus;
  readonly reason?: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it ended, and by whom: nobody answered one that expired. */
  readonly endedAt?: string;
  readonly by?: string;
  readonly note?: string;
  /** What was given; of `limit`, the cap's new value. It ends with `until`. */
  readonly approval?: {
    readonly as: Approve["as"];
    readonly credits: string;
    readonly until?: string;
    readonly from?: string;
  };
  readonly at: Position;
}

/** A page of requests, by id: that is by time. */
export interface RequestForMorePage {
  readonly data: readonly RequestForMore[];
  readonly nextCursor?: string;
}

/** Which requests. */
export interface RequestForMoreQuery extends PageQuery {
  readonly status?: RequestStatus;
  readonly member?: string;
}
