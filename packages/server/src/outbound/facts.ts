/** Owns how consumers see the journal: through a port, so that the form of events has one home (`api/facts.ts`). */
import type { CloudEvent } from "@cistern/contract";
import type { Place } from "./place.ts";

/** A durable event in the form in which it leaves, and where it stands. */
export interface Fact {
  readonly event: CloudEvent;
  readonly place: Place;
}

/** Facts after a place, oldest first. Only an empty page says that there are no more for now. */
export type FactPage =
  | { readonly kind: "page"; readonly facts: readonly Fact[] }
  /** The journal does not hold the row of that place (RULES 24). */
  | { readonly kind: "cursor_lost" }
  | { readonly kind: "unknown_workspace" };

/** Reads facts of one workspace: the same that `GET …/events` tells. Rejects with `EngineFault`. */
export type ReadFacts = (workspaceId: string, after: Place, limit: number) => Promise<FactPage>;
