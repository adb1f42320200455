import type { CloudEvent } from "./event.ts";

/** Somebody who reads the events of all workspaces: from the start of each, or (`now`) what happens from here on. */
export interface ConsumerRequest {
  /** Default `start`. */
  readonly from?: "start" | "now";
}

/** Somebody who reads the events of all workspaces. */
export interface Consumer {
  readonly id: string;
  /** Events before it are left out; left out itself: none are. */
  readonly since?: string;
  readonly createdAt: string;
}

/** How many, and how long to wait for one. */
export interface ConsumerQuery {
  readonly limit?: number;
  /** Such as `PT30S`: where there is nothing new, the answer waits so long for something. */
  readonly wait?: string;
}

/** Events of many workspaces, each workspace's in the journal's order. */
export interface ConsumerPage {
  readonly data: readonly CloudEvent[];
  /** By workspace, the cursor after the last event here: to be acknowledged once you have what lies before it. */
  readonly next: Readonly<Record<string, string>>;
  /** Places that a failover took out of their journals: acknowledge an event that is still there, or `0.0` to begin anew. */
  readonly lost?: readonly { readonly workspace: string; readonly cursor: string }[];
}

/** What a consumer has: by workspace, the cursor after its last event. */
export interface Acknowledgement {
  readonly through: Readonly<Record<string, string>>;
}

/** What was acknowledged. */
export interface Acknowledged {
  readonly workspaces: number;
}

/** A consumer that is forgotten. */
export interface ConsumerRemoved {
  readonly id: string;
  readonly removed: true;
}
