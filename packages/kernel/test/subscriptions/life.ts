/** A workspace with a subscription, driven through the front door, and what its events post. */
import assert from "node:assert/strict";
import {
  type Command,
  type Event,
  type Invoice,
  type Plan,
  type PutSubscription,
  type Rejection,
  type SeatTerms,
  type Subscription,
  credits,
  money,
  postings,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { Journal, dump } from "../journal.ts";
import { createWorkspace } from "../scenario/commands.ts";

/** Terms in short: money in minor units, credits in micro-credits. */
export function plan(terms: Partial<Plan> = {}): Plan {
  return {
    name: "team",
    version: "team@1",
    currency: "USD",
    cadence: { unit: "month", count: 1 },
    base: null,
    seats: null,
    included: null,
    outcomes: [],
    minimum: null,
    overage: { kind: "deny" },
    proration: "second",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: 0,
    ...terms,
  };
}

export const fee = (amount: bigint, standalone: bigint = amount): SeatTerms["fee"] => ({
  amount: money(amount),
  standalone: money(standalone),
});

export const seatsAt = (amount: bigint, terms: Partial<SeatTerms> = {}): SeatTerms => ({
  fee: fee(amount),
  minimum: 1,
  maximum: null,
  isRequired: false,
  ...terms,
});

export const included = (
  amount: bigint,
  standalone: bigint | null,
  terms: Partial<NonNullable<Plan["included"]>> = {},
): Plan["included"] => ({
  credits: credits(amount),
  per: "plan",
  standalone: standalone === null ? null : money(standalone),
  every: null,
  priority: 40,
  rollover: null,
  ...terms,
});

/** Names a plan as it is in force, unless it says otherwise. */
export const put = (command: Partial<PutSubscription>): PutSubscription => ({
  kind: "putSubscription",
  subscription: "sub_1",
  plan: null,
  isPinnedAnew: true,
  seats: null,
  when: null,
  ...command,
});

export const start = (terms: Partial<Plan>, seats = 0, subscription = "sub_1"): Command =>
  put({ subscription, plan: plan(terms), seats });

export const change = (to: {
  plan?: Partial<Plan>;
  seats?: number;
  when?: "now" | "period_end";
}): Command =>
  put({
    plan: to.plan === undefined ? null : plan(to.plan),
    seats: to.seats ?? null,
    when: to.when ?? null,
  });

export const atEnd = (what: "renew" | "pause" | "end"): Command => ({
  kind: "setPeriodEnd",
  atEnd: what,
});

/** See the file head. Instants are text, such as `2026-01-31T09:00-05:00`. */
export class Life {
  readonly journal: Journal = new Journal();
  readonly #from: string;

  constructor(from: string, timeZone = "UTC") {
    this.#from = from;
    this.run(createWorkspace({ timeZone, currency: "USD" }), from);
  }

  /** Runs a command that must be accepted; gives its event. */
  run(command: Command, when: string = this.#from): Event {
    const decision = this.journal.run(command, at(when));
    assert(decision.kind === "accepted", JSON.stringify(decision, text));
    return decision.event;
  }

  /** Runs a command that must be refused, and changes nothing. */
  refused(command: Command, when: string): Rejection {
    this.pass(when);
    const before = dump(this.journal.state);
    const decision = this.journal.run(command, at(when));
    assert.deepEqual(dump(this.journal.state), before, "K10 a refusal changes nothing");
    assert(decision.kind === "rejected", "the command is refused");
    return decision.rejection;
  }

  /** Lets time pass; gives what happened by itself. */
  pass(when: string): readonly Event[] {
    return this.journal.pass(at(when));
  }

  /** Kinds and instants of what happened by itself, in the workspace's own clock. */
  passed(when: string, zone = "UTC"): readonly string[] {
    return this.pass(when).map(({ kind, at: instant }) => {
      const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
      return `${local.toPlainDateTime().toString({ smallestUnit: "minute" })} ${kind}`;
    });
  }

  get subscription(): Subscription {
    const [one] = this.journal.state.subscriptions.subscriptions.values();
    assert(one !== undefined);
    return one;
  }

  get invoices(): readonly Invoice[] {
    return [...this.journal.state.invoices.invoices.values()];
  }

  /** Available credits of each lot that has any. */
  get lots(): Readonly<Record<string, bigint>> {
    const open = [...this.journal.state.pool.lots.values()].filter((lot) => lot.available > 0n);
    return Object.fromEntries(open.map((lot) => [lot.id, lot.available]));
  }

  /** The sum of all entries so far, by account. */
  books(): Readonly<Record<string, bigint>> {
    return booksOf(this.journal.rows.map(({ event }) => event));
  }

  /** Entries balance, replay gives the same state, and undoing everything leaves nothing. */
  check(): void {
    for (const { event } of this.journal.rows)
      for (const commodity of ["CREDIT", "MONEY"] as const) {
        const lines = postings(event).filter((one) => one.commodity === commodity);
        const sum = lines.reduce((total, one) => total + one.amount, 0n);
        assert.equal(sum, 0n, `K1 ${event.kind} in ${commodity}`);
      }
    const before = dump(this.journal.state);
    assert.deepEqual(dump(this.journal.replayed().state), before, "K6 replay");
    const { undo } = this.journal.state;
    undo.undoTo(0);
    assert.ok(
      this.journal.state.tables.every((table) => table.size === 0),
      "undo takes everything back",
    );
  }
}

/** Money by account that events post together. */
export function booksOf(events: readonly Event[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const event of events)
    for (const { account, commodity, amount } of postings(event))
      if (commodity === "MONEY") sums[account] = (sums[account] ?? 0n) + amount;
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}

type EventOf<Kind extends Event["kind"]> = Extract<Event, { readonly kind: Kind }>;

/** The events of one kind. */
export const ofKind = <Kind extends Event["kind"]>(
  events: readonly Event[],
  kind: Kind,
): readonly EventOf<Kind>[] =>
  events.filter((event): event is EventOf<Kind> => event.kind === kind);

const text = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}` : value;
