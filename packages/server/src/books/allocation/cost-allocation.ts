/**
 * Owns how a customer's cost is shared inside: what each member, group, project, meter or key used, in credits and in money, and
 * its share of what went unused.
 *
 * A1 the cost of a use is the money of the very lots that paid it, and what was billed for it. A2 what went unused in the span
 * (breakage, and credits that expired or were revoked without being paid back) is shared in proportion to the credits used in it (R3; ties to the first by name); what
 * nobody used stays with nobody. A3 all rows together are the revenue of usage, overage and breakage in the span, to the cent.
 */
import { type Event, split } from "@cistern/kernel";
import { amountText } from "../amount-text.ts";
import type { BooksSource } from "../books-source.ts";
import type { Entry } from "../entry.ts";
import { createBookkeeper } from "../keep-books.ts";
import { type Spender, createUsageReader } from "./usage-charge.ts";

/** By what a cost can be shared. `key` is a member that is a key. */
export const allocationDimensions = ["member", "group", "project", "meter", "key"] as const;
/** One of them. */
export type AllocationDimension = (typeof allocationDimensions)[number];

/** What to share. */
export interface AllocationOptions {
  readonly source: Pick<BooksSource, "events">;
  readonly workspaceId: string;
  /** First day, `YYYY-MM-DD`, in the workspace's zone. */
  readonly from: string;
  /** Last day, included. */
  readonly to: string;
  readonly by: AllocationDimension;
}

/** The cost of one of them: flat, so that JSON, CSV and a terminal show the same. Amounts are exact decimals. */
export type AllocationRow = {
  /** Empty for uses that have none, and for what nobody used. */
  readonly of: string;
  readonly currency: string;
  /** Used, less what was refunded. */
  readonly credits: string;
  /** Money of the lots that paid. */
  readonly lots: string;
  /** Money on the bill: usage past the pool. */
  readonly billed: string;
  /** Its share of the credits that expired, or were revoked and not paid back. */
  readonly unusedCredits: string;
  /** Its share of the money of what went unused. */
  readonly unused: string;
  /** lots + billed + unused. */
  readonly total: string;
};

interface Sums {
  credits: bigint;
  lots: bigint;
  billed: bigint;
}

/**
 * The cost of a workspace in a span of days, by who or what used it, in the order of the names. Rejects with `BooksFault`.
 *
 * @example
 * await costAllocation({ source, workspaceId: "acme", from: "2026-10-01", to: "2026-10-31", by: "member" });
 */
export async function costAllocation({
  source,
  workspaceId,
  from,
  to,
  by,
}: AllocationOptions): Promise<readonly AllocationRow[]> {
  const keep = createBookkeeper(workspaceId);
  const read = createUsageReader();
  const nameOf = createNaming(by);
  const sums = new Map<string, Sums>();
  const unused = { credits: 0n, money: 0n };
  let currency = "";
  for await (const placed of source.events(workspaceId)) {
    const { event } = placed;
    if (event.kind === "workspace.created") ({ currency } = event.workspace);
    nameOf.note(event);
    const entry = keep(placed);
    const charges = read(event);
    if (entry === undefined || entry.date < from || entry.date > to) continue;
    for (const { spender, credits, lots, billed } of charges) {
      const sum = sumOf(sums, nameOf.name(spender));
      sum.credits += credits;
      sum.lots += lots;
      sum.billed += billed;
    }
    unused.credits += revokedUnpaid(event) - posted(entry, "Expired");
    unused.money -= posted(entry, "Breakage");
  }
  return rowsOf(sums, unused, currency);
}

function sumOf(sums: Map<string, Sums>, name: string): Sums {
  const sum = sums.get(name) ?? { credits: 0n, lots: 0n, billed: 0n };
  sums.set(name, sum);
  return sum;
}

const posted = ({ lines }: Entry, key: "Expired" | "Breakage"): bigint =>
  lines.reduce((sum, { account, amount }) => (account.key === key ? sum + amount : sum), 0n);

/** Revoked credits whose money is breakage. Use that is undone into a revoked lot leaves its money where it is (RULES 13). */
function revokedUnpaid(event: Event): bigint {
  if (!("transfers" in event)) return 0n;
  return event.transfers.reduce((sum, { from, to, credits, into, outOf }) => {
    if (to === "revoked" && from !== "consumed" && into === undefined) return sum + credits;
    return from === "revoked" && outOf === undefined ? sum - credits : sum;
  }, 0n);
}

/** A2. */
function rowsOf(
  sums: Map<string, Sums>,
  unused: { readonly credits: bigint; readonly money: bigint },
  currency: string,
): readonly AllocationRow[] {
  const isUsed = [...sums.values()].some(({ credits }) => credits > 0n);
  if (!isUsed && (unused.credits !== 0n || unused.money !== 0n)) sumOf(sums, "");
  const rows = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const weights = rows.map(([name, { credits }]) => {
    if (!isUsed) return name === "" ? 1n : 0n;
    return credits > 0n ? credits : 0n;
  });
  const isShared = weights.some((weight) => weight > 0n);
  const shares = (whole: bigint): readonly bigint[] => (isShared ? split(whole, weights) : []);
  const [credits, money] = [shares(unused.credits), shares(unused.money)];
  return rows.map(([of, sum], index) => {
    const share = money[index] ?? 0n;
    return {
      of,
      currency,
      credits: amountText(sum.credits, "CREDIT"),
      lots: amountText(sum.lots, currency),
      billed: amountText(sum.billed, currency),
      unusedCredits: amountText(credits[index] ?? 0n, "CREDIT"),
      unused: amountText(share, currency),
      total: amountText(sum.lots + sum.billed + share, currency),
    };
  });
}

/** Names the one that a use is counted under; mutable: members are as they were registered last. */
function createNaming(by: AllocationDimension): {
  note(event: Event): void;
  name(spender: Spender): string;
} {
  const members = new Map<string, { readonly isKey: boolean; readonly home: string | null }>();
  return {
    note(event) {
      if (event.kind !== "member.updated") return;
      const { id, kind, home } = event.member;
      members.set(id, { isKey: kind === "key", home });
    },
    name({ path: { member, groups }, project, meter }) {
      const known = members.get(member);
      switch (by) {
        case "member":
          return member;
        case "key":
          return known?.isKey === true ? member : "";
        case "group": {
          // One group a use, so that nothing counts twice: its home where that was on its path, else the first there.
          const home = known?.home ?? "";
          return groups.includes(home) ? home : (groups[0] ?? "");
        }
        case "project":
          return project ?? "";
        case "meter":
          return meter ?? "";
      }
    },
  };
}
