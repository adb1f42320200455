/**
 * Owns what is kept of sharing a pool: the period, its tree of shares, and what owners said of members.
 *
 * F1 sum of reserves + pots = what is available on unrestricted lots (RULES 29): the workspace's pot is the rest of it, and never below
 * zero. F2 a call changes the rows on its path alone; time changes none.
 */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { ShareNode } from "./node.ts";
import type { SharingPeriod } from "./period.ts";
import { type Nodes, Standing } from "./standing.ts";
import type { GroupTerms, MemberTerms } from "./terms.ts";

/** Sharing of one workspace. */
export interface FairnessSlice {
  /** By member; those of whom nothing was said are left out. */
  readonly terms: Table<MemberTerms>;
  /** By group. */
  readonly groupTerms: Table<GroupTerms>;
  /** At most one row. */
  readonly periods: Table<SharingPeriod>;
  /** Without the root; none before shares are laid out. */
  readonly nodes: Table<ShareNode>;
  readonly current: { period: SharingPeriod | undefined };
  readonly standing: Standing;
  /** Ids of members' nodes by the member, of those who were asked for: a text that is made anew is hashed anew. */
  readonly nodeIds: Map<string, string>;
  /** Shares as they would be laid out now: of a state, by what it was when they were worked out. */
  readonly unlaid: {
    of: object | undefined;
    hasGuests: boolean;
    nodes: Nodes;
    standing: Standing;
  };
}

/** The key of the one period. */
export const periodKey = "period";

/** An empty slice. */
export function fairnessSlice(undo: UndoLog): FairnessSlice {
  const terms = new Table<MemberTerms>("member_terms", undo, isTerms);
  const groupTerms = new Table<GroupTerms>("group_terms", undo, isGroupTerms);
  const periods = new Table<SharingPeriod>("sharing_periods", undo, isPeriod);
  const nodes = new Table<ShareNode>("share_nodes", undo, isNode);
  const current: FairnessSlice["current"] = { period: undefined };
  const standing = new Standing(nodes);
  periods.watch((_key, _before, after) => {
    current.period = after;
  });
  nodes.watch((_id, before, after) => {
    standing.replace(before, after);
  });
  const nobody = new Map<string, ShareNode>();
  const unlaid = { of: undefined, hasGuests: false, nodes: nobody, standing: new Standing(nobody) };
  const nodeIds = new Map<string, string>();
  return { terms, groupTerms, periods, nodes, current, standing, nodeIds, unlaid };
}

const isTerms = (value: unknown): value is MemberTerms =>
  typeof value === "object" && value !== null && "guarantee" in value;
const isGroupTerms = (value: unknown): value is GroupTerms => isTerms(value) && "group" in value;
const isPeriod = (value: unknown): value is SharingPeriod =>
  typeof value === "object" && value !== null && "isLaid" in value;
const isNode = (value: unknown): value is ShareNode =>
  typeof value === "object" && value !== null && "isLeaf" in value;
