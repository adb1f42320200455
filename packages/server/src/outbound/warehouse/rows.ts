/** Owns what an event is in the warehouse: a function of the event, its envelope and its place alone. */
import {
  type CloudEvent,
  printCredits,
  printInstant,
  printMoneyAmount,
  printNanos,
} from "@cistern/contract";
import { type Event, type Position, postings, subjectOf, usageRows } from "@cistern/kernel";
import type { WarehouseRow } from "./tables.ts";

/** Gives an event the form in which it leaves, as the feed does. `hash`: the first 8 digits of its row's. */
export type Envelope = (
  event: Event,
  placed: Pick<ToldEvent, "workspaceId" | "position" | "currency"> & { readonly hash: string },
) => CloudEvent;

/** An event, what leaves of it, and where it stands. */
export interface ToldEvent {
  readonly workspaceId: string;
  readonly position: Position;
  /** The workspace's. */
  readonly currency: string;
  readonly event: Event;
  readonly told: CloudEvent;
}

/** All rows of one event. */
export interface RowsOfEvent {
  readonly usage: readonly WarehouseRow<"usage">[];
  readonly ledger: readonly WarehouseRow<"ledger">[];
  readonly events: readonly WarehouseRow<"events">[];
}

/** Usage stands on the day on which it happened, ledger and events on the day on which they were recorded. */
export const rowsOf = (one: ToldEvent): RowsOfEvent => ({
  usage: usageOf(one),
  ledger: ledgerOf(one),
  events: [eventRow(one)],
});

const dayOf = (atMs: number): string => printInstant(atMs).slice(0, 10);

function usageOf({
  workspaceId,
  position,
  currency,
  event,
  told,
}: ToldEvent): readonly WarehouseRow<"usage">[] {
  const billed = "billed" in event ? event.billed : undefined;
  return usageRows(event).map((row) => ({
    day: dayOf(row.occurredAt),
    workspace: workspaceId,
    event_id: told.id,
    seq: position.seq,
    idx: position.index,
    id: row.id,
    kind: event.kind,
    refund_of: row.refundOf,
    occurred_at: printInstant(row.occurredAt),
    recorded_at: printInstant(event.at),
    member: row.member,
    groups: row.groups,
    project: row.project,
    run: "runs" in event ? (event.runs?.[0]?.id ?? null) : null,
    meter: row.meter,
    model: row.model,
    usage: row.usage,
    credits: signed(row.credits),
    drawn: signed(row.drawn),
    worth_minor: printMoneyAmount(row.worth),
    billed_credits: billed === undefined ? null : signed(billed.credits),
    billed_minor: billed === undefined ? null : printMoneyAmount(billed.accrual.amount),
    currency,
    rate_card: row.rate?.card ?? null,
    rate_row: row.rate?.row ?? null,
    cost_minor: row.cost === null ? null : printNanos(row.cost.nanos),
    cost_currency: row.cost?.currency ?? null,
    is_final: !("isFinal" in event) || event.isFinal,
    is_late: "isLate" in event && event.isLate,
    attributes: row.attributes,
  }));
}

function ledgerOf({
  workspaceId,
  position,
  currency,
  event,
  told,
}: ToldEvent): readonly WarehouseRow<"ledger">[] {
  return postings(event).map(({ account, commodity, amount, currency: own }, line) => ({
    day: dayOf(event.at),
    workspace: workspaceId,
    event_id: told.id,
    seq: position.seq,
    idx: position.index,
    line,
    at: printInstant(event.at),
    posted_at: printInstant(event.postedAt ?? event.at),
    kind: event.kind,
    of_id: subjectOf(event),
    account,
    credits: commodity === "CREDIT" ? signed(amount) : null,
    amount_minor: commodity === "CREDIT" ? null : printMoneyAmount(amount),
    currency: commodity === "CREDIT" ? null : (own ?? currency),
  }));
}

const eventRow = ({ workspaceId, position, event, told }: ToldEvent): WarehouseRow<"events"> => ({
  day: dayOf(event.at),
  workspace: workspaceId,
  id: told.id,
  seq: position.seq,
  idx: position.index,
  type: told.type,
  subject: told.subject ?? null,
  time: told.time,
  data: told.data,
});

const signed = (micro: bigint): string =>
  micro < 0n ? `-${printCredits(-micro)}` : printCredits(micro);
