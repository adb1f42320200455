/** Owns what is kept of sharing a pool: what owners said of members. */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { MemberTerms } from "./terms.ts";

/** Sharing of one workspace. */
export interface FairnessSlice {
  /** By member; those of whom nothing was said are left out. */
  readonly terms: Table<MemberTerms>;
}

/** An empty slice. */
export const fairnessSlice = (undo: UndoLog): FairnessSlice => ({
  terms: new Table<MemberTerms>("member_terms", undo, isTerms),
});

const isTerms = (value: unknown): value is MemberTerms =>
  typeof value === "object" && value !== null && "guarantee" in value;
