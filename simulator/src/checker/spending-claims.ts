/** Owns whether an event is what was asked of usage: held, settled, reported, refunded. */
import type {
  AllowanceMove,
  Amount,
  Command,
  Event,
  HoldSettled,
  Interval,
  Level,
  Price,
  Provenance,
  SettleHold,
} from "@cistern/kernel";
import { textOf } from "../history/text-of.ts";
import { type Free, exactCost, levelCost, rounded } from "./rating.ts";

type Spending = Extract<
  Command,
  {
    kind: "openHold" | "extendHold" | "settleHold" | "releaseHold" | "debit" | "refund";
  }
>;

/** See the file head. */
export function carriesOutSpending(event: Event, command: Spending): boolean {
  switch (command.kind) {
    case "openHold":
      return (
        event.kind === "hold.opened" &&
        event.hold === command.hold &&
        event.path.member === command.member &&
        event.meter === command.meter &&
        event.project === command.project &&
        event.credits === creditsOf(command.amount, event.price, { free: freeOf(event.units) }) &&
        event.expiresAt === event.at + command.ttlMs
      );
    case "extendHold":
      return (
        event.kind === "hold.extended" &&
        event.hold === command.hold &&
        event.credits === command.credits &&
        (command.ttlMs === null || event.expiresAt === event.at + command.ttlMs)
      );
    case "settleHold":
      return (
        event.kind === "hold.settled" &&
        event.hold === command.hold &&
        event.fingerprint === command.fingerprint &&
        event.isFinal === (command.isFinal || event.isLate) &&
        event.outcome === command.outcome &&
        isKnownAlike(event, command) &&
        isSettled(event, command.amount)
      );
    case "releaseHold":
      return (
        event.kind === "hold.released" &&
        event.hold === command.hold &&
        event.fingerprint === command.fingerprint
      );
    case "debit":
      return (
        event.kind === "usage.debited" &&
        event.debit === command.debit &&
        event.path.member === command.member &&
        isDebited(event, command.amount) &&
        event.occurredAt === Math.min(happenedAt(command) ?? event.at, event.at)
      );
    case "refund":
      return (
        event.kind === "usage.refunded" &&
        event.refund === command.refund &&
        event.of === command.of &&
        (command.credits === null || event.credits === command.credits)
      );
  }
}

/** What was said of how the use is known, and no more. */
const isKnownAlike = (
  { isEstimated, response }: Provenance,
  said: { readonly isEstimated?: boolean; readonly response?: string | null },
): boolean =>
  isEstimated === (said.isEstimated === true ? true : undefined) &&
  response === (said.response ?? undefined);

/** What nobody pays of usage in a trial is left out of what it is charged, and is the vendor's loss; what could have paid it the books know. */
function isDebited(event: Extract<Event, { kind: "usage.debited" }>, amount: Amount | Level) {
  const { charged, debt, billed, price, fresh, units, loss = 0n } = event;
  const cost = creditsOf(amount, price, { fresh, free: freeOf(units) });
  const isPaid = debt === 0n && billed === undefined && charged + loss === cost;
  return charged === cost || isPaid;
}

/** A level is of the time when it began. */
const happenedAt = ({ amount, occurredAt }: Extract<Command, { kind: "debit" }>) =>
  amount.kind === "level" ? amount.over.start : occurredAt;

/** Credits as said, or units at the price that the card gave, rounded once, half up; of a level for the times that were new, which the books know. */
function creditsOf(
  amount: Amount | Level,
  price: Price | null,
  { fresh, free }: { readonly fresh?: readonly Interval[] | undefined; readonly free: Free },
): bigint | undefined {
  if (amount.kind === "credits") return amount.credits;
  if (amount.kind === "level") {
    const times = fresh ?? [amount.over];
    const heldMs = times.reduce((sum, { start, end }) => sum + end - start, 0);
    return levelCost(amount.usage, price, { heldMs, free });
  }
  const exact = exactCost(amount.usage, price, free);
  return exact === undefined ? undefined : rounded(exact);
}

/** Units that an allowance takes of a call, by bucket. */
function freeOf(units: readonly AllowanceMove[] = []): Free {
  const free = new Map<string, bigint>();
  for (const { bucket, held, used } of units)
    free.set(bucket, (free.get(bucket) ?? 0n) + held + used);
  return free;
}

/** What usage costs after the parts before it, the books know. */
function isSettled(event: HoldSettled, amount: SettleHold["amount"]): boolean {
  if (amount.kind === "usage") return textOf(event.usage) === textOf(amount.usage);
  const isSaid = amount.kind === "credits" && event.charged + event.loss === amount.credits;
  return event.usage === null && (isSaid || amount.kind === "unmeasured");
}
