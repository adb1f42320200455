/**
 * Owns what usage beyond the pool becomes where a plan bills it (RULES 1, 6, 13, 17, 18), by events alone and apart from the kernel.
 *
 * Checked: it is billed on the line of its meter at the price of the stretch in which it was authorized, one of its period whichever versions have it, or owed where nobody agreed to pay, or
 * lost in a trial (B1); a line comes to one rounded price of all its quantity, so that no part is billed twice (B2); what is approved
 * beyond the pool, with all that is in flight and billed in the period, stays within the spend cap (B3); a refund takes off what was
 * billed at what it had come to (B4).
 *
 * Mutable: one a timeline.
 */
import type {
  BilledUsage,
  Event,
  PinnedLine,
  PlanOverage,
  Subscription,
  Workspace,
} from "@cistern/kernel";
import { textOf } from "../../history/text-of.ts";
import { demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";
import type { Billable, Stretch } from "./billable.ts";
import { priceOf } from "./prices.ts";

/** What becomes of usage that no lot pays. */
export type Fate =
  | { readonly kind: "owed" }
  | { readonly kind: "lost" }
  | ({ readonly kind: "billed" } & Billable);

interface Total extends Billable {
  quantity: bigint;
  amount: bigint;
}

/** See the file head. */
export class Billing {
  readonly #stretches: Stretch[] = [];
  readonly #totals = new Map<string, Total>();
  /** Which line of ours a key of the events stands for. */
  readonly #keys = new Map<string, string>();
  #live: Subscription | undefined;

  /** Takes an event that the rest of the books has taken. */
  note(event: Event): void {
    if (!("subscription" in event) || event.kind === "subscription.recognised") return;
    const { subscription, at } = event;
    const { id, status, plan, period } = subscription;
    this.#live = status === "ended" ? undefined : subscription;
    const current = this.#stretches.at(-1);
    if (status === "ended" && current?.subscription === id && at < current.until)
      current.until = at;
    if (status !== "active" && status !== "trialing") return;
    const isTrial = status === "trialing";
    const last = this.#stretches.at(-1);
    const isSame =
      last?.subscription === id &&
      last.version === plan.version &&
      last.start === period.start &&
      last.isTrial === isTrial;
    if (isSame) return;
    this.#stretches.push({
      number: this.#stretches.length,
      subscription: id,
      version: plan.version,
      from: at,
      start: period.start,
      end: period.end,
      until: period.end,
      isTrial,
      overage: plan.overage,
    });
  }

  /** What lets holds past the pool now: the workspace's own setting, else the plan's, where it runs and is paid for. */
  overageNow({ overage }: Workspace): PlanOverage {
    const live = this.#live;
    if (live?.status === "trialing") return { kind: "deny" };
    if (overage.kind !== "plan") return overage;
    return live?.status === "active" ? live.plan.overage : { kind: "deny" };
  }

  /** B1. */
  fateOf({ overage }: Workspace, meter: string | null, authorizedAt: number): Fate {
    const stretch = this.#stretchAt(authorizedAt);
    if (stretch?.isTrial === true) return { kind: "lost" };
    if (overage.kind !== "plan") return owed;
    if (stretch === undefined || stretch.overage.kind !== "bill") return owed;
    const { lines } = stretch.overage;
    const own = lines.find((line) => meter !== null && line.meter === meter);
    const line = own ?? lines.find((one) => one.meter === null);
    return line === undefined ? owed : { kind: "billed", line, stretch };
  }

  /** RULES 18: usage of a trial takes lots that were effective when it was authorized. Undefined: any lot. */
  payableBy(authorizedAt: number): number | undefined {
    return this.#stretchAt(authorizedAt)?.isTrial === true ? authorizedAt : undefined;
  }

  /** Before the first and after an end there is none. */
  #stretchAt(at: number): Stretch | undefined {
    const found = this.#stretches.findLast(({ from }) => from <= at);
    return found !== undefined && at < found.until ? found : undefined;
  }

  /** B3. `amount` is what a hold asks for beyond the pool. */
  approve(
    billable: Billable,
    amount: bigint,
    {
      pinned,
      open,
    }: { readonly pinned: PinnedLine | undefined; readonly open: Iterable<HoldRecord> },
  ): void {
    const { line, stretch } = billable;
    demand(pinned !== undefined, () => "a hold beyond the pool is on no line");
    demand(textOf(pinned.line) === textOf(line), () => `it is on ${textOf(pinned.line)}`);
    demand(this.#isOf(billable, pinned), () => `its line is of ${pinned.from} to ${pinned.to}`);
    this.#name(pinned.key, billable);
    const { spendCap } = stretch.overage.kind === "bill" ? stretch.overage : { spendCap: null };
    if (spendCap === null) return;
    const inFlight = new Map<string, { billable: Billable; credits: bigint }>();
    const fly = (one: Billable, credits: bigint): void => {
      const known = inFlight.get(nameOf(one))?.credits ?? 0n;
      inFlight.set(nameOf(one), { billable: one, credits: known + credits });
    };
    fly(billable, amount);
    for (const { status, overage, pin } of open)
      if (status === "open" && overage > 0n && pin?.stretch.end === stretch.end) fly(pin, overage);
    let sum = 0n;
    for (const total of this.#totals.values())
      if (total.stretch.end === stretch.end) sum += total.amount;
    for (const { billable: one, credits } of inFlight.values()) sum += this.#worth(one, credits);
    demand(sum <= spendCap, () => `approved holds may come to ${sum}, the cap is ${spendCap}`);
  }

  /** Usage that no lot pays, of a hold or a debit: what is owed, and what is lost. */
  pay(
    workspace: Workspace,
    hold: HoldRecord,
    { missing, at, billed }: { missing: bigint; at: number; billed: BilledUsage | undefined },
  ): { readonly owed: bigint; readonly lost: bigint } {
    const fate = missing === 0n ? owed : this.fateOf(workspace, hold.usage.meter, at);
    demand(
      (billed === undefined) === (fate.kind !== "billed"),
      () => `${hold.id} bills ${billed?.credits}, the rest is ${fate.kind}`,
    );
    if (fate.kind === "owed") return { owed: missing, lost: 0n };
    if (fate.kind === "lost") return { owed: 0n, lost: missing };
    const on = hold.pin ?? fate;
    this.#add(on, missing, billed);
    const before = hold.billed ?? { on, credits: 0n, refunded: 0n };
    demand(nameOf(before.on) === nameOf(on), () => `${hold.id} is billed on two lines`);
    hold.billed = { ...before, credits: before.credits + missing };
    return { owed: 0n, lost: 0n };
  }

  /** B4: takes as much off the bill as is on it; gives what is left to refund. */
  refund(hold: HoldRecord, asked: bigint, billed: BilledUsage | undefined): bigint {
    const before = hold.billed;
    const there = before === undefined ? 0n : before.credits - before.refunded;
    const part = there < asked ? there : asked;
    if (before === undefined || part === 0n) {
      demand(billed === undefined, () => `${hold.id} was not billed, and is taken off a bill`);
      return asked;
    }
    this.#add(before.on, -part, billed);
    hold.billed = { ...before, refunded: before.refunded + part };
    return asked - part;
  }

  /** Money of a period's usage by now. */
  usageOf(subscription: string, end: number): bigint {
    let sum = 0n;
    for (const { stretch, amount } of this.#totals.values())
      if (stretch.subscription === subscription && stretch.end === end) sum += amount;
    return sum;
  }

  /** B2. */
  #add(on: Billable, credits: bigint, billed: BilledUsage | undefined): void {
    demand(billed !== undefined, () => `${credits} are billed, and no event says so`);
    const { line } = on;
    const { accrual } = billed;
    this.#name(accrual.key, on);
    const worth = this.#worth(on, credits);
    demand(
      billed.credits === credits && accrual.quantity === credits,
      () => `${billed.credits} are billed, the rules say ${credits}`,
    );
    demand(
      accrual.amount === worth,
      () => `${credits} more of ${nameOf(on)} cost ${worth}, not ${accrual.amount}`,
    );
    demand(textOf(billed.line) === textOf(line), () => `it is billed on ${textOf(billed.line)}`);
    const isIts =
      this.#isOf(on, accrual) &&
      accrual.kind === line.kind &&
      accrual.about === (line.meter ?? "credits");
    demand(isIts, () => `it is billed as ${accrual.kind} of ${accrual.about}`);
    const total = this.#totals.get(nameOf(on)) ?? { ...on, quantity: 0n, amount: 0n };
    total.quantity += credits;
    total.amount += worth;
    this.#totals.set(nameOf(on), total);
  }

  #worth(on: Billable, credits: bigint): bigint {
    const { quantity, amount } = this.#totals.get(nameOf(on)) ?? { quantity: 0n, amount: 0n };
    return priceOf(on.line.price, quantity + credits) - amount;
  }

  /** A line begins where a stretch does that has it. */
  #isOf(on: Billable, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const own = nameOf(on);
    return this.#stretches.some(
      (stretch) =>
        stretch.from === from &&
        stretch.end === to &&
        stretch.overage.kind === "bill" &&
        stretch.overage.lines.some((line) => nameOf({ line, stretch }) === own),
    );
  }

  /** One line has one key for ever. */
  #name(key: string, on: Billable): void {
    const name = this.#keys.get(key) ?? nameOf(on);
    demand(name === nameOf(on), () => `${key} stands for ${name}, and for ${nameOf(on)}`);
    this.#keys.set(key, name);
  }
}

const owed: Fate = { kind: "owed" };

/** RULES 17: of a meter, a price and a period. */
const nameOf = ({
  line: { kind, meter, price },
  stretch: { start, subscription },
}: Billable): string =>
  `${kind} of ${meter ?? "all"} at ${textOf(price)} in the period from ${start} of ${subscription}`;
