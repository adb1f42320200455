/** What spans that arrive are for. */
export interface TraceRules {
  /** Left out: they are compared with what was settled. `debit`: each is charged. */
  readonly mode?: "observe" | "debit";
  /** Which meter an operation is of; left out, the one that is called like it. */
  readonly meters?: Readonly<Record<string, string>>;
}
