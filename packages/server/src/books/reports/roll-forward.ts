/**
 * Owns the roll-forward of deferred revenue, per customer (I7): opening + billed - recognised - refunded + moved = closing.
 *
 * R1 it follows from the other side of each entry that touches deferred revenue, so it closes by construction, whatever an event
 * posts. R2 what is earned before it is billed never was deferred, and is left out.
 */
import { amountText } from "../amount-text.ts";
import { type Flow, rowOf } from "../chart.ts";
import type { Entry, Line } from "../entry.ts";
import { type Pair, type ReportFold, Sums, namesOf } from "./report.ts";

/** Deferred revenue of one customer over a month. */
export type RollForwardRow = {
  readonly workspace: string;
  readonly currency: string;
  readonly opening: string;
  readonly billed: string;
  readonly recognised: string;
  readonly refunded: string;
  /** From compensation, or to unclaimed property; between lots it is none. */
  readonly moved: string;
  readonly closing: string;
};

/** What an entry did to deferred revenue; a liability above zero. */
export interface DeferredChange {
  readonly currency: string;
  readonly billed: bigint;
  readonly recognised: bigint;
  readonly refunded: bigint;
  readonly moved: bigint;
}

type Part = "opening" | "billed" | "recognised" | "refunded" | "moved";

/** The roll-forward by workspace. */
export function rollForward(): ReportFold<RollForwardRow> {
  const sums = new Sums<Pair, Part>(["opening", "billed", "recognised", "refunded", "moved"]);
  return {
    add(entry, isBefore) {
      const change = deferredChange(entry.lines);
      if (change === undefined) return;
      const { currency } = change;
      const key: Pair = `${entry.workspaceId} ${currency}`;
      if (isBefore) return sums.add(key, "opening", netOf(change));
      for (const part of ["billed", "recognised", "refunded", "moved"] as const)
        sums.add(key, part, change[part]);
    },
    rows: () =>
      [...sums.entries()].map(([key, sum]) => {
        const [workspace, currency] = namesOf(key);
        const [billed, recognised] = [sum("billed"), sum("recognised")];
        const [refunded, moved] = [sum("refunded"), sum("moved")];
        const print = (amount: bigint): string => amountText(amount, currency);
        return {
          workspace,
          currency,
          opening: print(sum("opening")),
          billed: print(billed),
          recognised: print(recognised),
          refunded: print(refunded),
          moved: print(moved),
          closing: print(sum("opening") + netOf({ billed, recognised, refunded, moved })),
        };
      }),
  };
}

const netOf = ({ billed, recognised, refunded, moved }: Omit<DeferredChange, "currency">): bigint =>
  billed - recognised - refunded + moved;

/** R1: by the money of its currency in an entry; undefined where that does not touch deferred revenue. */
export function deferredChange(lines: Entry["lines"]): DeferredChange | undefined {
  const currency = lines.find((line) => flowOf(line) === "deferred")?.commodity;
  if (currency === undefined) return undefined;
  const money = lines.filter(({ commodity }) => commodity === currency);
  const sum = (flow: Flow): bigint =>
    money.reduce((total, line) => (flowOf(line) === flow ? total + line.amount : total), 0n);
  // What commitments keep, and give up, goes against what is earned before it is billed.
  const kept = money.reduce(
    (total, line) => (line.account.key === "Deferred:Shortfall" ? total - line.amount : total),
    0n,
  );
  const postpaid = sum("postpaid") - kept;
  const accrued = postpaid > 0n ? postpaid : 0n;
  const settled = sum("settled") + postpaid - accrued;
  return {
    currency,
    billed: (settled > 0n ? settled : 0n) + (kept > 0n ? kept : 0n),
    recognised: -sum("revenue") - accrued + (kept < 0n ? -kept : 0n),
    refunded: settled < 0n ? -settled : 0n,
    moved: sum("moved") + sum("aside"),
  };
}

const flowOf = ({ account }: Line): Flow => rowOf(account.key).flow;
