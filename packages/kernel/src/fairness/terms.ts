/** Owns what an owner has said of the share of one member, or of one group. */
import { type Credits, noCredits } from "../amount.ts";
import { whole } from "./setting.ts";

/** Of a member. */
export interface MemberTerms {
  readonly member: string;
  /** Credits of each period that never fade, from the next period on. */
  readonly guarantee: Credits;
  /** Thousandths of the workspace's reach, 0 to 1000; 1000 where nobody lowered it. */
  readonly reach: number;
}

/** Of a group. */
export interface GroupTerms {
  readonly group: string;
  /** Credits of each period that never leave the group, from the next period on; those of its members are within it. */
  readonly guarantee: Credits;
}

/** Of whom nothing was said. */
export const plainTerms = (member: string): MemberTerms => ({
  member,
  guarantee: noCredits,
  reach: whole,
});
