import type { Position } from "@cistern/kernel";

/** The first thing that is wrong in one workspace: where, which rule, and what was found. */
export interface AuditFault {
  readonly workspaceId: string;
  /** `{ seq, index }`; index 0 also stands for the row as a whole. */
  readonly position: Position;
  /** What should hold, in words, beginning with the invariant's number where it has one. */
  readonly rule: string;
  readonly found: string;
}

/** Thrown inside an audit to leave it at the first fault; never leaves this part. */
export class FaultFound extends Error {
  override readonly name = "FaultFound";
  readonly rule: string;
  readonly found: string;

  constructor(rule: string, found: string) {
    super(`${rule}: ${found}`);
    this.rule = rule;
    this.found = found;
  }
}

/** Leaves the audit of a workspace when a rule does not hold. */
export function expect(holds: boolean, rule: string, found: () => string): asserts holds {
  if (!holds) throw new FaultFound(rule, found());
}

/** Leaves the audit when two quantities differ. */
export function expectEqual(actual: bigint, expected: bigint, rule: string): void {
  expect(actual === expected, rule, () => `${actual} where ${expected} is right`);
}
