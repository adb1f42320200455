/** What every contestant does, whoever built it: hold credits for one call, then settle with what it really used. */
export interface Spender {
  /** Checks the pool and the member's cap, once per key; answers the hold's id. */
  authorize(call: Call): Promise<string>;
  /** Charges `settledCredits` of the hold and returns the rest to the pool and to the member's cap. */
  settle(workspaceId: string, holdId: string): Promise<void>;
}

export interface Call {
  readonly workspaceId: string;
  readonly memberId: string;
  /** The idempotency key, unique over the whole run. */
  readonly key: string;
}

/** The same amounts for everybody, in micro-credits: each pair holds 10 credits, is charged 7 and gets 3 back. */
export const heldCredits = 10_000_000n;
export const settledCredits = 7_000_000n;
/** Far more than a run can spend, and exact as a double, since Redis scripts calculate with doubles. */
export const grantedCredits = 1_000_000_000_000_000n;
export const memberCap = 1_000_000_000_000_000n;
export const membersPerWorkspace = 20;
export const holdTtlMs = 300_000;
export const callersAtOnce = 64;

/** The member of the n-th caller: by a stride, so that few callers are spread over many members. */
export function memberName(index: number, members = membersPerWorkspace): string {
  return `member-${(index * 7919) % members}`;
}
