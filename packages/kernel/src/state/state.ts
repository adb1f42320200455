/**
 * Owns the state of one workspace: its slices, and nothing between them. All change goes through `apply`.
 *
 * S1 every mutable thing is a `Table`; what else a slice keeps is an index that the tables' watchers maintain.
 * S2 so undoing the tables undoes everything, and a snapshot of the tables is a snapshot of everything.
 */
import { type AlertSlice, alertSlice } from "../alerts/slice.ts";
import { type AllowanceSlice, allowanceSlice } from "../allowances/slice.ts";
import { type BilledSlice, billedSlice } from "../billed/slice.ts";
import { type CostSlice, costSlice } from "../costs/slice.ts";
import type { Instant } from "../instant.ts";
import { type InvoiceSlice, invoiceSlice } from "../invoices/slice.ts";
import { type ClosingSlice, closingSlice } from "../closing/slice.ts";
import { type FairnessSlice, fairnessSlice } from "../fairness/slice.ts";
import { type HoldSlice, holdSlice } from "../holds/slice.ts";
import { type LimitSlice, limitSlice } from "../limits/slice.ts";
import { type MemberSlice, memberSlice } from "../members/slice.ts";
import { type LevelSlice, levelSlice } from "../levels/slice.ts";
import { type PlanCardSlice, planCardSlice } from "../rating/plan-cards.ts";
import { type OutcomeSlice, outcomeSlice } from "../outcomes/slice.ts";
import { type PolicySlice, policySlice } from "../policies/slice.ts";
import { type PoolSlice, poolSlice } from "../pool/slice.ts";
import { type RunSlice, runSlice } from "../runs/slice.ts";
import { type RequestSlice, requestSlice } from "../requests/slice.ts";
import { type SeatSlice, seatSlice } from "../seats/slice.ts";
import { type SubscriptionSlice, subscriptionSlice } from "../subscriptions/slice.ts";
import { type TopUpSlice, topUpSlice } from "../topups/slice.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type AnyTable, Table } from "./table.ts";
import { UndoLog } from "./undo-log.ts";

/** The workspace's settings and its clock: one row, absent before the first event. */
export interface WorkspaceRow {
  readonly workspace: Workspace;
  /** Instant of the last event (K7). */
  readonly at: Instant;
  /** The version of the rate card that priced usage last; null: nothing was priced yet. */
  readonly rateCard: string | null;
  /** How much was told to be left, last. */
  readonly level: "balance.low" | "balance.depleted" | "balance.recovered";
}

/** The whole state of one workspace. */
export interface State {
  readonly undo: UndoLog;
  readonly settings: Table<WorkspaceRow>;
  /** The one row of `settings`. */
  readonly current: { row: WorkspaceRow | undefined };
  readonly members: MemberSlice;
  readonly pool: PoolSlice;
  readonly limits: LimitSlice;
  readonly holds: HoldSlice;
  readonly runs: RunSlice;
  readonly subscriptions: SubscriptionSlice;
  readonly invoices: InvoiceSlice;
  readonly billed: BilledSlice;
  readonly costs: CostSlice;
  readonly outcomes: OutcomeSlice;
  readonly topUps: TopUpSlice;
  readonly closing: ClosingSlice;
  readonly seats: SeatSlice;
  readonly requests: RequestSlice;
  readonly levels: LevelSlice;
  readonly allowances: AllowanceSlice;
  readonly planCards: PlanCardSlice;
  readonly alerts: AlertSlice;
  readonly policies: PolicySlice;
  readonly fairness: FairnessSlice;
  /** Every table, in a fixed order: what snapshots write and hashes cover. */
  readonly tables: readonly AnyTable[];
}

const settingsKey = "workspace";

/** A state before its first event. */
export function emptyState(): State {
  const undo = new UndoLog();
  const settings = new Table<WorkspaceRow>("settings", undo, isObject);
  const current: State["current"] = { row: undefined };
  settings.watch((_key, _before, after) => {
    current.row = after;
  });
  const slices = {
    members: memberSlice(undo),
    pool: poolSlice(undo),
    limits: limitSlice(undo),
    holds: holdSlice(undo),
    runs: runSlice(undo),
    subscriptions: subscriptionSlice(undo),
    invoices: invoiceSlice(undo),
    billed: billedSlice(undo),
    costs: costSlice(undo),
    outcomes: outcomeSlice(undo),
    topUps: topUpSlice(undo),
    closing: closingSlice(undo),
    seats: seatSlice(undo),
    requests: requestSlice(undo),
    levels: levelSlice(undo),
    allowances: allowanceSlice(undo),
    planCards: planCardSlice(undo),
    alerts: alertSlice(undo),
    policies: policySlice(undo),
    fairness: fairnessSlice(undo),
  };
  const tables = [settings, ...Object.values(slices).flatMap(tablesOf)];
  return { undo, settings, current, ...slices, tables };
}

/** The tables of a slice stand in it by their names: so none is left out (S2). */
const tablesOf = (slice: object): readonly AnyTable[] => Object.values(slice).filter(isTable);

const isTable = (value: unknown): value is AnyTable => value instanceof Table;

/** The workspace's settings; undefined before it is created. */
export const workspaceOf = (state: State): Workspace | undefined => state.current.row?.workspace;

/** Instant of the last event; 0 before the first. */
export const lastAt = (state: State): number => state.current.row?.at ?? 0;

/** Moves the clock and the settings, and the rate card and the level when they are given. */
export function setWorkspace(
  state: State,
  workspace: Workspace,
  at: Instant,
  {
    card,
    level: told,
  }: { readonly card: string | undefined; readonly level: WorkspaceRow["level"] | undefined },
): void {
  const { row } = state.current;
  const rateCard = card ?? row?.rateCard ?? null;
  const level = told ?? row?.level ?? "balance.recovered";
  state.settings.replace(settingsKey, row, { workspace, at, rateCard, level });
}

const isObject = (value: unknown): value is WorkspaceRow =>
  typeof value === "object" && value !== null;
