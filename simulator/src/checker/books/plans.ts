/**
 * Owns what the checker knows of a plan and what is paid for, by events alone and apart from the kernel.
 *
 * Checked: periods follow each other without gap or overlap, each begun once (P1); no more seats are given than are paid for, each to
 * one member, and where seats are asked for only who has one spends (P2); a payment becomes credits once for ever, as many as were
 * asked for, and a rule has one request at a time and stays within its ceiling (P3); a line is on one invoice, an invoice has a
 * number of its own and is paid no more than it comes to (P4); of a case and a type one outcome is billed at most, and what is taken
 * back was billed before (P5); what is reserved has its fee in each period, and its share of the credits that come with one is set aside
 * for its group, to the credit and the cent (P6).
 *
 * Mutable: one a timeline.
 */
import type {
  Event,
  Lot,
  Member,
  OutcomeMove,
  Path,
  RateCharge,
  Subscription,
} from "@cistern/kernel";
import { demand } from "./accounts.ts";

type InvoiceEvent = Extract<
  Event,
  {
    readonly kind:
      | "invoice.finalized"
      | "invoice.paid"
      | "invoice.voided"
      | "invoice.uncollectible"
      | "credit_note.issued";
  }
>;
type TopUpEvent = Extract<
  Event,
  { readonly kind: "top_up.requested" | "top_up.pending" | "top_up.succeeded" | "top_up.failed" }
>;

/** What a plan has reserved. `epoch`: it begins with all of its rate whenever it is another one. */
export interface Reserved {
  readonly epoch: number;
  readonly group: string | null;
  readonly rule: RateCharge["rule"];
}

/** See the file head. */
export class Plans {
  #live: Subscription | undefined;
  #reserved: Reserved | undefined;
  #reservedBy = "";
  #epochs = 0;
  readonly #kinds = new Map<string, Member["kind"]>();
  readonly #seats = new Map<string, number>();
  readonly #payments = new Set<string>();
  readonly #failed = new Set<string>();
  /** Series of a rule of which a request was paid that had failed. */
  readonly #paidAfterAll = new Set<string>();
  readonly #succeeded = new Set<string>();
  readonly #automatic = new Set<string>();
  readonly #lines = new Map<string, string>();
  readonly #numbers = new Set<string>();
  readonly #billed = new Map<string, Map<string, bigint>>();

  /** The subscription that is not over; undefined where there is none. */
  get live(): Subscription | undefined {
    return this.#live;
  }

  /** When the running period ends; undefined where none does. */
  get endsAt(): number | undefined {
    const live = this.#live;
    return live?.status === "active" || live?.status === "trialing" ? live.period.end : undefined;
  }

  /** What is reserved now: in periods that are paid for. */
  get reserved(): Reserved | undefined {
    return this.#reserved;
  }

  /** Takes an event that the rest of the books has taken. */
  take(event: Event): void {
    if ("subscription" in event) {
      this.#takeSubscription(event);
      this.#reserve();
      if ("booked" in event && "lots" in event) checkSetAside(event);
    }
    this.#takeSeats(event);
    if (isOfTopUp(event)) this.#takeTopUp(event);
    if (isOfInvoice(event)) this.#takeInvoice(event);
    if ("changes" in event) this.#takeOutcomes(event.changes);
    if (event.kind === "hold.opened") this.#checkSeat(event.path);
  }

  /** P1. */
  #takeSubscription(event: Extract<Event, { readonly subscription: Subscription }>): void {
    const { kind, at, subscription } = event;
    // Access of one that has ended is revenue of its days all the same.
    if (kind === "subscription.recognised" && this.#live?.id !== subscription.id) return;
    const before = this.#live;
    const { period, status, seats, plan } = subscription;
    if (kind === "subscription.started")
      demand(before === undefined, () => "a second subscription begins while one lives");
    else demand(before?.id === subscription.id, () => `${kind} is of another subscription`);
    const isNew = before?.period.start !== period.start;
    const begins =
      kind === "subscription.started" ||
      kind === "subscription.renewed" ||
      kind === "subscription.resumed";
    demand(isNew === begins || kind === "subscription.changed", () => `${kind} begins a period`);
    if (kind === "subscription.renewed") {
      demand(period.start === before?.period.end, () => `a period begins at ${period.start}`);
      demand(at === period.start, () => `the period of ${period.start} begins at ${at}`);
    }
    if (kind === "subscription.paused" || kind === "subscription.ended")
      demand(at === before?.period.end, () => `${kind} at ${at}, in the middle of a period`);
    if (plan.seats !== null) {
      const { minimum, maximum } = plan.seats;
      const isRight = seats >= minimum && (maximum === null || seats <= maximum);
      demand(isRight, () => `${seats} seats of plan ${plan.name}`);
    }
    this.#live = status === "ended" ? undefined : subscription;
    if (status === "ended" || plan.seats === null) this.#seats.clear();
  }

  /** P6. */
  #reserve(): void {
    const live = this.#live?.status === "active" ? this.#live : undefined;
    const { reserved, version } = live?.plan ?? {};
    const by = reserved === undefined ? "" : `${live?.id} ${version}`;
    if (by === this.#reservedBy) return;
    this.#reservedBy = by;
    this.#epochs += 1;
    this.#reserved =
      reserved === undefined
        ? undefined
        : { epoch: this.#epochs, group: reserved.group, rule: reserved.rate };
  }

  /** P2. */
  #takeSeats(event: Event): void {
    if (event.kind === "member.updated" || event.kind === "member.deactivated") {
      const keys = event.kind === "member.deactivated" ? (event.keys ?? []) : [];
      for (const { member, freesSeat } of [event, ...keys]) {
        this.#kinds.set(member.id, member.kind);
        const hadOne = freesSeat !== true || this.#seats.delete(member.id);
        demand(hadOne, () => `${member.id} frees a seat that it has not`);
      }
    }
    const added =
      event.kind === "seat.assigned"
        ? event.seat.member
        : "seatFor" in event
          ? event.seatFor
          : undefined;
    if (added !== undefined) {
      const since = this.#seats.get(added) ?? event.at;
      const isKept = event.kind !== "seat.assigned" || event.seat.since === since;
      demand(isKept, () => `${added} has a seat since ${since}, and is given another`);
      this.#seats.set(added, since);
      const paid = this.#live?.seats ?? 0;
      demand(this.#seats.size <= paid, () => `${this.#seats.size} have one of ${paid} seats`);
    }
    if (event.kind === "seat.released")
      demand(this.#seats.delete(event.seat.member), () => `${event.seat.member} has no seat`);
    if (event.kind === "seat.assigned" || event.kind === "seat.released")
      demand(event.assigned === this.#seats.size, () => `${event.assigned} seats are assigned`);
  }

  #checkSeat({ member, sponsors }: Path): void {
    const terms = this.#live?.plan.seats ?? null;
    if (terms === null || !terms.isRequired) return;
    const takes = (terms.counts ?? ["person"]).includes(this.#kinds.get(member) ?? "person");
    const on = takes ? [member] : sponsors;
    demand(
      on.some((one) => this.#seats.has(one)),
      () => `${member} spends without a seat`,
    );
  }

  /** P3. */
  #takeTopUp(event: TopUpEvent): void {
    const { topUp } = event;
    const { id, payment } = topUp;
    demand(!this.#succeeded.has(id), () => `something becomes of top-up ${id} once it is paid`);
    if (event.kind === "top_up.requested" && topUp.isAutomatic) {
      demand(this.#automatic.size === 0, () => `the rule asks for ${id} while another one waits`);
      this.#automatic.add(id);
    }
    if (event.kind === "top_up.failed") this.#failed.add(id);
    if (event.kind === "top_up.failed") this.#automatic.delete(id);
    if (event.kind !== "top_up.succeeded") return;
    this.#automatic.delete(id);
    this.#succeeded.add(id);
    demand(payment !== null && !this.#payments.has(payment), () => `${payment} pays twice`);
    this.#payments.add(payment);
    const granted = event.lot.granted + (event.bonus?.granted ?? 0n);
    demand(granted === topUp.credits, () => `${id} grants ${granted} of ${topUp.credits}`);
    const cost = event.lot.cost + (event.bonus?.cost ?? 0n);
    demand(cost === topUp.amount, () => `${id} costs ${cost}, not ${topUp.amount}`);
    const { rule } = event;
    if (!topUp.isAutomatic || rule === null || rule.month === null) return;
    const isSame = rule.series === id.slice(0, rule.series.length);
    const { spent } = rule.month;
    // Money that comes after a failure counts, whatever the rule has asked for since.
    if (this.#failed.has(id)) this.#paidAfterAll.add(rule.series);
    const isWithin = !isSame || spent <= rule.monthlyCeiling || this.#paidAfterAll.has(rule.series);
    demand(isWithin, () => `the rule spends ${spent} of ${rule.monthlyCeiling}`);
  }

  /** P4. */
  #takeInvoice(event: InvoiceEvent): void {
    const { invoice } = event;
    const { id, number, charged, paid, credited } = invoice;
    if (event.kind === "invoice.finalized") {
      const isFresh = number !== null && !this.#numbers.has(number);
      demand(isFresh, () => `${number} is given out twice`);
      this.#numbers.add(number);
      let sum = 0n;
      for (const line of event.lines) {
        const other = this.#lines.get(line.id);
        demand(other === undefined, () => `line ${line.id} is on ${other} and on ${id}`);
        this.#lines.set(line.id, id);
        sum += line.amount;
      }
      demand(sum === invoice.subtotal, () => `${id} comes to ${sum}, not ${invoice.subtotal}`);
    }
    // What stood on one that was voided comes on the next.
    if (event.kind === "invoice.voided")
      for (const [line, on] of this.#lines) if (on === id) this.#lines.delete(line);
    if (event.kind === "invoice.paid") {
      demand(
        !this.#payments.has(`${event.payment} of invoices`),
        () => `${event.payment} pays twice`,
      );
      this.#payments.add(`${event.payment} of invoices`);
      demand(paid + credited <= charged, () => `${id} is paid ${paid} of ${charged}`);
    }
  }

  /** P5. */
  #takeOutcomes(
    changes: readonly {
      readonly outcome: { readonly id: string; readonly case: string; readonly type: string };
      readonly moves: readonly OutcomeMove[];
    }[],
  ): void {
    const touched = new Set<string>();
    for (const { outcome, moves } of changes) {
      const name = `${outcome.type} of ${outcome.case}`;
      const own = this.#billed.get(name) ?? new Map<string, bigint>();
      this.#billed.set(name, own);
      touched.add(name);
      for (const { share } of moves) own.set(outcome.id, (own.get(outcome.id) ?? 0n) + share);
      const net = own.get(outcome.id) ?? 0n;
      demand(net >= 0n, () => `${outcome.id} is taken back more than it was billed`);
    }
    for (const name of touched) {
      if (!name.startsWith("resolution")) continue;
      for (const [id, net] of this.#billed.get(name) ?? [])
        demand(net <= 10_000n, () => `${id} is billed ${net}`);
    }
  }
}

/** P6: a lot that is shared comes as two, of which the one is for the group alone. */
function checkSetAside(
  event: Extract<Event, { readonly booked: unknown; readonly lots: readonly Lot[] }>,
): void {
  const { kind, subscription, lots, lines } = event;
  const begins =
    subscription.status === "active" &&
    (kind === "subscription.started" ||
      kind === "subscription.renewed" ||
      kind === "subscription.resumed");
  const reserved = subscription.plan.reserved;
  const fees = lines.filter((line) => line.kind === "reserved_capacity");
  const fee = fees.reduce((sum, line) => sum + line.amount, 0n);
  const due = reserved?.fee.amount ?? 0n;
  demand(!begins || fee === due, () => `what is reserved costs ${fee}, not ${due}`);
  const apart = lots.filter(({ id }) => id.endsWith("s"));
  const group = reserved?.group ?? null;
  const isOne = begins || kind === "subscription.granted";
  demand(apart.length === 0 || (isOne && group !== null), () => `${kind} sets credits aside`);
  if (!isOne || group === null || reserved === undefined) return;
  for (const lot of lots.filter(({ id, source }) => !id.endsWith("s") && source === "plan")) {
    const own = apart.find(({ id }) => id === `${lot.id}s`);
    const [granted, cost] = [own?.granted ?? 0n, own?.cost ?? 0n];
    const whole = lot.granted + granted;
    const share = (whole * BigInt(reserved.shareBps)) / 10_000n;
    demand(granted === share, () => `${granted} of ${whole} are set aside, not ${share}`);
    demand(
      own === undefined || own.appliesTo?.groups?.join() === group,
      () => `${own?.id} is not for ${group} alone`,
    );
    // R3: the larger remainder takes the cent; of equal ones the part that is set aside.
    const all = lot.cost + cost;
    const [floor, rest] = [(all * share) / whole, (all * share) % whole];
    const other = (all * (whole - share)) % whole;
    const money = floor + (rest > 0n && rest >= other ? 1n : 0n);
    demand(cost === money, () => `${own?.id} costs ${cost}, not ${money}`);
  }
}

const isOfTopUp = (event: Event): event is TopUpEvent =>
  event.kind.startsWith("top_up.") && "topUp" in event && typeof event.topUp !== "string";
const invoiceKinds: ReadonlySet<Event["kind"]> = new Set<Event["kind"]>([
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "invoice.uncollectible",
  "credit_note.issued",
]);
const isOfInvoice = (event: Event): event is InvoiceEvent => invoiceKinds.has(event.kind);
