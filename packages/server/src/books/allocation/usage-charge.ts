/**
 * Owns what an event says of usage: whose it is, in credits, and in money at the cost of the very lots that paid it.
 *
 * U1 credits count when they are used; the money of those that were owed then counts when a lot pays them, and is of who owed.
 * U2 what goes unused (breakage expected of credits that are used, too) is no cost of a use.
 */
import type { Event, Path } from "@cistern/kernel";

/** Whose a use is. */
export interface Spender {
  readonly path: Path;
  readonly project: string | null;
  readonly meter: string | null;
}

/** A part of what an event charged. Below zero where a use was undone. */
export interface UsageCharge {
  readonly spender: Spender;
  /** Micro-credits. */
  readonly credits: bigint;
  /** Minor units out of lots. */
  readonly lots: bigint;
  /** Minor units on the bill: usage that no lot paid. */
  readonly billed: bigint;
}

/** Reads the events of one workspace, in order. Mutable: it remembers who owes. */
export type UsageReader = (event: Event) => readonly UsageCharge[];

/** A reader at the start of a journal. */
export function createUsageReader(): UsageReader {
  const owing = new Map<string, { spender: Spender; credits: bigint }>();
  return (event) => {
    const charges: UsageCharge[] = [];
    const own = ownCharge(event);
    if (own !== undefined) charges.push(own);
    if ("transfers" in event)
      for (const { debt, credits, money, breakage = 0n } of event.transfers) {
        const debtor = debt === undefined ? undefined : owing.get(debt);
        if (debt === undefined || debtor === undefined) continue;
        const lots = money - breakage;
        charges.push({ spender: debtor.spender, credits: 0n, lots, billed: 0n });
        note(owing, debt, { spender: debtor.spender, credits: -credits });
      }
    // What is owed is noted last: the same event never pays it.
    const debt = debtOf(event);
    if (own !== undefined && debt !== undefined)
      note(owing, debt.of, { spender: own.spender, credits: debt.credits });
    return charges;
  };
}

function note(
  owing: Map<string, { spender: Spender; credits: bigint }>,
  of: string,
  { spender, credits }: { readonly spender: Spender; readonly credits: bigint },
): void {
  const owed = (owing.get(of)?.credits ?? 0n) + credits;
  if (owed === 0n) owing.delete(of);
  else owing.set(of, { spender, credits: owed });
}

/** Credits that a settlement owes from now on, or (below zero) no more. */
function debtOf(event: Event): { readonly of: string; readonly credits: bigint } | undefined {
  switch (event.kind) {
    case "hold.settled":
      return { of: event.hold, credits: event.debt };
    case "usage.debited":
      return { of: event.debit, credits: event.debt };
    case "usage.refunded":
      return { of: event.of, credits: -event.debt };
    default:
      return undefined;
  }
}

function ownCharge(event: Event): UsageCharge | undefined {
  const isUse = event.kind === "hold.settled" || event.kind === "usage.debited";
  if (!isUse && event.kind !== "usage.refunded") return undefined;
  const { path, project, meter, billed } = event;
  const lots = event.transfers.reduce((sum, { from, to, money, breakage = 0n, debt }) => {
    if (debt !== undefined || (from === "consumed") === (to === "consumed")) return sum;
    return to === "consumed" ? sum + money - breakage : sum - money + breakage;
  }, 0n);
  return {
    spender: { path, project, meter },
    credits: isUse ? event.charged : -event.credits,
    lots,
    billed: billed?.accrual.amount ?? 0n,
  };
}
