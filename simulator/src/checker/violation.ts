/** What a history got wrong: which question it failed, about which workspace, in words with values. */
export interface Violation {
  readonly question: Question;
  readonly workspaceId: string;
  readonly text: string;
}

/** The questions that every history is asked. */
export type Question =
  | "chain"
  | "answers"
  | "keys"
  | "effects"
  | "order"
  | "proof"
  | "books"
  | "audit"
  | "losses"
  | "feed"
  | "clocks"
  | "service";
