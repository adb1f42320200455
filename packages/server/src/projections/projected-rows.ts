/** Owns what an event adds to the tables: a function of the event and its place alone. */
import {
  type BilledUsage,
  type Event,
  type Outcome,
  type UsageRow,
  debtsPaid,
  holdsTouched,
  postings,
  subjectOf,
  usageRows,
} from "@cistern/kernel";
import { explainUsage } from "./explain-usage.ts";
import { type ProjectedInvoices, projectInvoice } from "./projected-invoices.ts";

/** A row of usage as it is stored. `groups` is `|growth|sales|`, so that one group can be looked for. */
export interface StoredUsage {
  readonly seq: number;
  readonly idx: number;
  readonly id: string;
  readonly occurredAtMs: number;
  readonly member: string;
  readonly groups: string;
  readonly project: string | null;
  readonly meter: string | null;
  readonly model: string | null;
  readonly credits: bigint;
  readonly drawn: bigint;
  /** What these cost, in minor units. */
  readonly worth: bigint;
  /** The provider's own id of the answer. */
  readonly response: string | null;
  readonly detail: string;
}

/** A refund as it is stored. */
export interface StoredRefund {
  readonly of: string;
  readonly seq: number;
  readonly idx: number;
  readonly credits: bigint;
  /** Of them, to lots. */
  readonly returned: bigint;
  /** What these cost, in minor units. */
  readonly worth: bigint;
}

/** What lots paid of a debt, as it is stored. */
export interface StoredDebtPayment {
  readonly of: string;
  readonly seq: number;
  readonly idx: number;
  readonly credits: bigint;
  /** What these cost, in minor units. */
  readonly worth: bigint;
}

/** An entry of the ledger as it is stored; `postings` is a JSON list of [account, commodity, amount]. */
export interface StoredEntry {
  readonly seq: number;
  readonly idx: number;
  readonly atMs: number;
  readonly kind: string;
  readonly of: string;
  readonly postings: string;
}

/** All that some rows of a journal add. */
export interface Projected extends ProjectedInvoices {
  readonly usage: StoredUsage[];
  readonly refunds: StoredRefund[];
  readonly debtPayments: StoredDebtPayment[];
  readonly entries: StoredEntry[];
  readonly mentions: { readonly hold: string; readonly seq: number }[];
}

/** What `detail` of a usage row holds. */
export interface UsageDetail {
  readonly usage?: Readonly<Record<string, number>>;
  readonly rate?: { readonly card: string; readonly row: string; readonly negotiated?: true };
  readonly attributes?: Readonly<Record<string, string>>;
  /** The run that it names. */
  readonly run?: string;
  readonly isFinal?: boolean;
  readonly isLate?: boolean;
  readonly outcome?: Outcome;
  readonly isUnrated?: boolean;
  readonly isEstimated?: boolean;
  /** Of a level, from when to when, in milliseconds. */
  readonly over?: readonly [fromMs: number, toMs: number];
  /** By bucket, what an allowance took: units, of a level times milliseconds. */
  readonly free?: Readonly<Record<string, string>>;
  /** Currency, and 10^-9 of a minor unit. */
  readonly cost?: readonly [currency: string, nanos: string];
  /** What no lot paid: micro-credits, minor units, and the line of an invoice. */
  readonly billed?: readonly [credits: string, amount: string, line: string];
  /** How the credits come about. */
  readonly arithmetic?: string;
}

/** Nothing yet. */
export const nothingProjected = (): Projected => ({
  usage: [],
  refunds: [],
  debtPayments: [],
  entries: [],
  mentions: [],
  invoices: new Map(),
  invoiceEntries: [],
});

/** Adds one row of the journal. */
export function project(into: Projected, seq: number, events: readonly Event[]): void {
  const mentioned = new Set<string>();
  for (const [idx, event] of events.entries()) {
    addUsage(into, event, seq, idx);
    for (const paid of debtsPaid(event)) into.debtPayments.push({ ...paid, seq, idx });
    projectInvoice(into, event, seq, idx);
    const lines = postings(event);
    if (lines.length > 0)
      into.entries.push({
        seq,
        idx,
        atMs: event.at,
        kind: event.kind,
        of: subjectOf(event),
        postings: JSON.stringify(
          lines.map((one) => [one.account, one.currency ?? one.commodity, String(one.amount)]),
        ),
      });
    for (const hold of holdsTouched(event)) mentioned.add(hold);
  }
  for (const hold of mentioned) into.mentions.push({ hold, seq });
}

/** The form in which a group is looked for in `groups`. */
export const groupMark = (group: string): string => `|${group}|`;

function addUsage(into: Projected, event: Event, seq: number, idx: number): void {
  for (const row of usageRows(event)) {
    if (row.refundOf !== null) {
      into.refunds.push({
        of: row.refundOf,
        seq,
        idx,
        credits: -row.credits,
        returned: -row.drawn,
        worth: -row.worth,
      });
      continue;
    }
    const detail: UsageDetail = {
      ...(row.usage === null ? {} : { usage: row.usage }),
      ...(row.rate === null ? {} : { rate: rateOf(row.rate) }),
      ...(row.attributes === null ? {} : { attributes: row.attributes }),
      ...("runs" in event ? runOf(event.runs) : {}),
      ...("isFinal" in event && !event.isFinal ? { isFinal: false } : {}),
      ...("isLate" in event && event.isLate ? { isLate: true } : {}),
      ...("outcome" in event && event.outcome != null ? { outcome: event.outcome } : {}),
      ...("isUnrated" in event && event.isUnrated ? { isUnrated: true } : {}),
      ...("isEstimated" in event && event.isEstimated ? { isEstimated: true } : {}),
      ...(row.free === undefined ? {} : { free: textOf(row.free) }),
      ...(row.over === null ? {} : { over: [row.over.start, row.over.end] }),
      ...("billed" in event && event.billed !== undefined
        ? { billed: billedOf(event.billed) }
        : {}),
      ...("charged" in event ? { arithmetic: explainUsage(event) } : {}),
      ...(row.cost === null ? {} : { cost: [row.cost.currency, `${row.cost.nanos}`] }),
    };
    into.usage.push({
      seq,
      idx,
      id: row.id,
      occurredAtMs: row.occurredAt,
      member: row.member,
      groups: row.groups.length === 0 ? "" : `|${row.groups.join("|")}|`,
      project: row.project,
      meter: row.meter,
      model: row.model,
      credits: row.credits,
      drawn: row.drawn,
      worth: row.worth,
      response: "response" in event ? (event.response ?? null) : null,
      detail: JSON.stringify(detail),
    });
  }
}

const runOf = ([run]: readonly { readonly id: string }[] = []): Pick<UsageDetail, "run"> =>
  run === undefined ? {} : { run: run.id };

const textOf = (units: Readonly<Record<string, bigint>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(units).map(([bucket, one]) => [bucket, `${one}`]));

const billedOf = ({ credits, accrual }: BilledUsage): NonNullable<UsageDetail["billed"]> => [
  `${credits}`,
  `${accrual.amount}`,
  accrual.line,
];

const rateOf = ({
  card,
  row,
  isNegotiated,
}: NonNullable<UsageRow["rate"]>): NonNullable<UsageDetail["rate"]> => ({
  card,
  row,
  ...(isNegotiated === true ? { negotiated: true } : {}),
});
