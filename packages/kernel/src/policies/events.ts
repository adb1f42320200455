/** Owns the facts of acceptable use. */
import type { Fact } from "../fact.ts";
import type { Member } from "../members/member.ts";
import type { Acceptance, Policy } from "./policy.ts";

/** A policy as it stands now. */
export interface PolicyUpdated extends Fact<"policy.updated"> {
  readonly policy: Policy;
}

/** A policy is no more, nor what was accepted of it. */
export interface PolicyRemoved extends Fact<"policy.removed"> {
  readonly policy: Policy;
}

/** A member accepted the text of a policy. */
export interface PolicyAccepted extends Fact<"policy.accepted"> {
  readonly acceptance: Acceptance;
  /** Who was never seen before comes in as a guest, as by spending. */
  readonly guest: Member | null;
}
