/**
 * Owns the auditor's own account of top-ups: what waits, which payments became credits, and what the rule spent in a month.
 *
 * V7 a payment becomes credits once. V8 what is granted is what was asked for, at its price. V9 at most one request of the rule
 * waits, and what is granted for its requests in a month stays within the ceiling, but for payments that were told to have failed.
 * V20 the invoice of a top-up comes to what was paid for it, and its credit notes to what went back: never more than that.
 */
import {
  type CreditsChargedBack,
  type CreditsRepaid,
  type Event,
  type State,
  type TopUp,
  type TopUpRequested,
  type TopUpSucceeded,
  failuresMax,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface Folded {
  readonly topUp: TopUp;
  readonly hasFailed: boolean;
}

/** All top-ups of one workspace. */
export class TopUpFold {
  readonly #topUps = new Map<string, Folded>();
  readonly #payments = new Set<string>();
  /** By the first instant of a month: what the rule was granted, as far as it never failed. */
  readonly #spent = new Map<number, bigint>();
  /** By invoice: what was paid, and what of it went back. Mutable. */
  readonly #purchases = new Map<string, { readonly total: bigint; credited: bigint }>();
  #automatic: string | undefined;

  fold(event: Event): void {
    switch (event.kind) {
      case "top_up.requested":
        return this.#request(event);
      case "top_up.pending":
        expect(
          this.#waits(event.topUp.id),
          "a top-up waits until it is over",
          () => event.topUp.id,
        );
        return this.#become(event.topUp);
      case "top_up.failed":
        expect(this.#waits(event.topUp.id), "a top-up fails once", () => event.topUp.id);
        return this.#become(event.topUp, true);
      case "top_up.succeeded":
        return this.#grant(event);
      case "credits.repaid":
        return this.#credit(event, event.left, event.money + event.tax);
      case "credits.charged_back": {
        const [first] = event.lots;
        const back = event.lots.reduce((sum, { money, tax }) => sum + money + tax, 0n);
        if (first !== undefined) this.#credit(event, first.left, back);
        return this.#takeBack(event);
      }
      default:
    }
  }

  /** The kernel's state says the same. */
  compare({ topUps }: State): void {
    expectEqual(BigInt(topUps.topUps.size), BigInt(this.#topUps.size), "K6 the same top-ups");
    expectEqual(BigInt(topUps.payments.size), BigInt(this.#payments.size), "K6 the same payments");
    for (const [id, { topUp }] of this.#topUps)
      expect(
        topUps.topUps.get(id)?.status === topUp.status,
        "K6 the status of a top-up",
        () => `${id} is ${topUp.status}`,
      );
  }

  #request({ topUp, rule }: TopUpRequested): void {
    const { id, isAutomatic, pack, quantity, amount, credits } = topUp;
    expect(!this.#topUps.has(id), "a top-up is asked for once", () => id);
    const many = BigInt(quantity);
    expectEqual(amount, pack.price * many, `V8 the price of top-up ${id}`);
    expectEqual(credits, (pack.credits + pack.bonus) * many, `V8 the credits of top-up ${id}`);
    if (isAutomatic) {
      expect(this.#automatic === undefined, "V9 one request of the rule waits", () => id);
      this.#automatic = id;
      const spent = this.#spent.get(rule?.month?.start ?? 0) ?? 0n;
      const ceiling = rule?.monthlyCeiling ?? 0n;
      expect(spent + amount <= ceiling, "V9 the rule stays within its ceiling", () => `${spent}`);
    }
    this.#topUps.set(id, { topUp, hasFailed: false });
  }

  #become(topUp: TopUp, hasFailed = false): void {
    const before = this.#topUps.get(topUp.id);
    this.#topUps.set(topUp.id, { topUp, hasFailed: hasFailed || before?.hasFailed === true });
    const isOver = topUp.status === "succeeded" || topUp.status === "failed";
    if (isOver && this.#automatic === topUp.id) this.#automatic = undefined;
  }

  /** V20. */
  #invoice({ topUp, purchase, payment }: TopUpSucceeded): void {
    if (purchase === undefined) return;
    const { invoice, lines } = purchase;
    const { id, subtotal, tax, total, charged, paid, credited, status } = invoice;
    const sum = lines.reduce((all, { amount }) => all + amount, 0n);
    expectEqual(sum, topUp.amount, `V20 the lines of ${id}`);
    expectEqual(subtotal, topUp.amount, `V20 the price on ${id}`);
    expectEqual(tax, payment.tax, `V20 the tax of ${id}`);
    expectEqual(total, subtotal + tax, `V20 ${id} with its tax`);
    const isPaid = status === "paid" && charged === total && paid === total && credited === 0n;
    expect(isPaid, "V20 what was bought is paid", () => `${id} is ${status}`);
    expect(!this.#purchases.has(id), "V20 a purchase has one invoice", () => id);
    this.#purchases.set(id, { total, credited: 0n });
  }

  /** V20. */
  #credit(
    { note }: Pick<CreditsRepaid, "note">,
    { invoiced }: CreditsRepaid["left"],
    back: bigint,
  ): void {
    const known = this.#purchases.get(invoiced?.invoice ?? "");
    const isRight = (note === undefined) === (known === undefined || back === 0n);
    expect(isRight, "V20 money of a purchase goes back with a credit note", () => `${back}`);
    if (note === undefined || known === undefined) return;
    known.credited += back;
    expectEqual(note.amount, back, `V20 the credit note ${note.creditNote}`);
    expectEqual(note.invoice.credited, known.credited, `V20 credited of ${note.invoice.id}`);
    expect(
      known.credited <= known.total,
      "V20 no more is credited than was paid",
      () => `${known.credited} of ${known.total}`,
    );
  }

  #grant(event: TopUpSucceeded): void {
    const { topUp, lot, bonus, rule, payment } = event;
    const { id } = topUp;
    const before = this.#topUps.get(id);
    expect(
      before !== undefined && before.topUp.status !== "succeeded",
      "V8 a top-up is granted once, after it was asked for",
      () => id,
    );
    const paid = topUp.payment ?? "";
    expect(!this.#payments.has(paid), "V7 a payment becomes credits once", () => paid);
    this.#payments.add(paid);
    const { amount, credits } = before.topUp;
    expectEqual(lot.granted + (bonus?.granted ?? 0n), credits, `V8 the credits of top-up ${id}`);
    expectEqual(lot.cost + (bonus?.cost ?? 0n), amount, `V8 the price of top-up ${id}`);
    const tax = (lot.finance?.tax ?? 0n) + (bonus?.finance?.tax ?? 0n);
    expectEqual(tax, payment.tax, `V8 the tax of top-up ${id}`);
    this.#invoice(event);
    this.#become(topUp);
    if (topUp.isAutomatic && !before.hasFailed && rule !== null) this.#spend(amount, rule);
  }

  #spend(amount: bigint, { month }: NonNullable<TopUpSucceeded["rule"]>): void {
    expect(month !== null, "V9 what the rule was granted counts in a month", () => "none");
    const spent = (this.#spent.get(month.start) ?? 0n) + amount;
    this.#spent.set(month.start, spent);
    expect(month.spent >= spent, "V9 a month counts all that was granted", () => `${month.spent}`);
  }

  /** What a bank took back was a top-up that succeeded, and the rule that asked for it is off. */
  #takeBack({ lots, disputed }: CreditsChargedBack): void {
    const ids = new Set(lots.map(({ lot }) => lot));
    const paid = [...this.#topUps.values()].find(
      ({ topUp: { status, grants } }) =>
        status === "succeeded" && grants.some((grant) => ids.has(grant)),
    )?.topUp;
    expect(
      paid?.id === disputed?.topUp.id,
      "a chargeback says which top-up it is of",
      () => `${paid?.id}`,
    );
    if (disputed === undefined) return;
    const { topUp, rule } = disputed;
    expect(
      rule === null || (topUp.isAutomatic && rule.failures === failuresMax),
      "a rule whose purchase was charged back is off",
      () => topUp.id,
    );
    this.#topUps.set(topUp.id, { topUp, hasFailed: true });
  }

  #waits(id: string): boolean {
    const status = this.#topUps.get(id)?.topUp.status;
    return status === "requested" || status === "processing" || status === "requires_action";
  }
}
