import type { CloudEvent, EventPage, EventQuery } from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";

/** An event, and the cursor to read on with once you are done with it: keep it where you keep what you made of the event. */
export interface FollowedEvent {
  readonly event: CloudEvent;
  readonly cursor: string;
}

/** From where, which ones, and until when. */
export interface FollowOptions {
  /** `0.0` (the default) is the start. */
  readonly after?: string;
  /** Only these types, with commas between. */
  readonly types?: string;
  /** Ends it: what is awaited rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * The facts of a workspace: gapless, in order, each with an id that stays.
 *
 * @example
 * const { data, next } = await acme.events({ after, wait: "PT30S" });
 * for await (const { event, cursor } of acme.events.follow({ after, types: "limit.reached" })) await keep(event, cursor);
 */
export interface EventsClient {
  /** One page; with `wait` an empty one is held until there is an event, and the call may take so much longer. */
  (query?: EventQuery, options?: CallOptions): Promise<EventPage>;
  /**
   * Every event after a cursor, as it comes, for ever. It goes on through outages; a refusal (such as `cursor_lost`) ends it by
   * throwing.
   */
  follow(options?: FollowOptions): AsyncGenerator<FollowedEvent, never, undefined>;
}
