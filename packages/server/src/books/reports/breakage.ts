/**
 * Owns the breakage report: what was expected to go unused of the money of lots, against what did.
 *
 * E1 it counts the money of lots alone, read off their transfers: access, seats and what is on the bill never go unused. Late use
 * of a lot that is over (E23) defers nothing, and still takes its breakage back. E2 all breakage is that of the ledger. E3 a lot
 * that carries an estimate of its own is measured by it, as it stands at the month's end; R1 once a row.
 */
import { type Event, type Lot, half } from "@cistern/kernel";
import { amountText } from "../amount-text.ts";
import { lotsBornIn } from "../lots-born.ts";
import { type Fact, type FactFold, type Pair, Sums, namesOf } from "./report.ts";

/** What was estimated to go unused of the credits whose money was recognised, against what did. */
export type BreakageRow = {
  readonly currency: string;
  /** The month, or all until its end. */
  readonly span: "month" | "to_date";
  /** As usage or as breakage. */
  readonly recognised: string;
  readonly breakage: string;
  readonly estimated: string;
  /** Breakage beyond the estimate; below zero where less went unused. */
  readonly difference: string;
};

const tenThousand = 10_000n;
const spans = ["month", "to_date"] as const;
const parts = ["recognised", "breakage", "weighted"] as const;

/** Breakage against the estimate of each lot, in hundredths of a percent; `usualBps` for lots that have none. */
export function breakage(usualBps: number): FactFold<BreakageRow> {
  const sums = new Sums<Pair, (typeof parts)[number]>(parts);
  let lots = new LotEstimates("");
  const add = (currency: string, span: (typeof spans)[number], { estimate, ...sum }: LotSums) => {
    const key: Pair = `${currency} ${span}`;
    sums.add(key, "recognised", sum[span]);
    sums.add(key, "weighted", sum[span] * BigInt(estimate ?? usualBps));
  };
  const take = ({ currency, lots: known, broken }: LotEstimates): void => {
    for (const sum of known.values()) for (const span of spans) add(currency, span, sum);
    for (const span of spans) sums.add(`${currency} ${span}`, "breakage", broken[span]);
  };
  return {
    note(fact) {
      if (fact.workspaceId !== lots.workspaceId) {
        take(lots);
        lots = new LotEstimates(fact.workspaceId);
      }
      lots.note(fact);
    },
    rows() {
      take(lots);
      lots = new LotEstimates("");
      return [...sums.entries()].map(([key, sum]) => {
        const [currency, span] = namesOf(key);
        const estimated = half(sum("weighted"), tenThousand);
        const print = (amount: bigint): string => amountText(amount, currency);
        return {
          currency,
          span: span === "month" ? "month" : "to_date",
          recognised: print(sum("recognised")),
          breakage: print(sum("breakage")),
          estimated: print(estimated),
          difference: print(sum("breakage") - estimated),
        };
      });
    },
  };
}

/** Minor units that a lot recognised, and its estimate; null where it has none. */
interface LotSums {
  estimate: number | null;
  month: bigint;
  to_date: bigint;
}

/** The lots of one workspace. Mutable; let go of with its last fact. */
class LotEstimates {
  readonly workspaceId: string;
  readonly lots = new Map<string, LotSums>();
  readonly broken = { month: 0n, to_date: 0n };
  currency = "";

  constructor(workspaceId: string) {
    this.workspaceId = workspaceId;
  }

  note({ event, isBefore }: Fact): void {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      ({ currency: this.currency } = event.workspace);
    for (const lot of lotsBornIn(event)) this.#of(lot.id).estimate = this.#estimateOf(lot);
    if (event.kind === "breakage.revised") this.#of(event.lot).estimate = event.breakage;
    for (const { lot, recognised, broken } of revenueOfLots(event)) {
      const sum = this.#of(lot);
      for (const span of isBefore ? (["to_date"] as const) : spans) {
        sum[span] += recognised;
        this.broken[span] += broken;
      }
    }
  }

  /** Credits that moved into a lot without an estimate are still expected to go unused as those that they came from. */
  #estimateOf({ finance, source, reference }: Lot): number | null {
    const origin = finance?.origin ?? (source === "rollover" ? reference : null);
    const inherited = origin === null ? undefined : this.lots.get(origin);
    return finance?.breakage ?? inherited?.estimate ?? null;
  }

  #of(lot: string): LotSums {
    const sum = this.lots.get(lot) ?? { estimate: null, month: 0n, to_date: 0n };
    this.lots.set(lot, sum);
    return sum;
  }
}

interface LotRevenue {
  readonly lot: string;
  readonly recognised: bigint;
  /** Of it, what is breakage. */
  readonly broken: bigint;
}

/** E1, by the rules of `postings`: what goes to another account, or to another lot, is no revenue. */
function revenueOfLots(event: Event): readonly LotRevenue[] {
  if (!("transfers" in event)) return [];
  return event.transfers.flatMap(({ lot, from, to, money, into, outOf, breakage: told = 0n }) => {
    const isUnused = (part: typeof from): boolean => part === "expired" || part === "revoked";
    const isRevenue = (part: typeof from): boolean => part === "consumed" || isUnused(part);
    const gained = into === undefined && isRevenue(to) ? money : 0n;
    const lost = outOf === undefined && isRevenue(from) ? money : 0n;
    const broken =
      (isUnused(to) ? gained : 0n) -
      (isUnused(from) ? lost : 0n) +
      (to === "consumed" ? told : -told);
    return gained === lost && broken === 0n ? [] : { lot, recognised: gained - lost, broken };
  });
}
