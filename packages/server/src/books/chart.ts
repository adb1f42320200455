/**
 * Owns the chart of accounts: where each account that the kernel posts to stands in the books (FINANCE, section 3).
 *
 * B1 one table names every account; one that stands in no row is a fault, so that nothing is ever booked nowhere.
 * B2 an account of a lot carries its workspace and lot, in money and in credits alike (I8).
 */
import type { Posting } from "@cistern/kernel";

/**
 * What an account is to the roll-forward of deferred revenue (I7): deferred itself; revenue that comes out of it; settled with
 * the customer; earned before it is billed; moved in or out otherwise; or nothing to it.
 */
export type Flow = "deferred" | "revenue" | "settled" | "postpaid" | "moved" | "aside";

/** One row of the chart. */
export interface ChartRow {
  /** Its name in the books, components parted by `:`; the account of a lot goes on with workspace and lot. */
  readonly name: string;
  readonly flow: Flow;
}

/** Accounts of money, by the name that postings have. `Deferred` is that of lots. */
export const moneyChart = {
  Cash: { name: "Assets:Cash", flow: "settled" },
  Receivable: { name: "Assets:Receivable", flow: "settled" },
  Unbilled: { name: "Assets:Unbilled", flow: "postpaid" },
  Deferred: { name: "Liabilities:Deferred", flow: "deferred" },
  "Deferred:Access": { name: "Liabilities:Deferred:Access", flow: "deferred" },
  /** Of commitments: charged as missing, and still to be used up by later usage. */
  "Deferred:Shortfall": { name: "Liabilities:Deferred:Shortfall", flow: "deferred" },
  CustomerBalance: { name: "Liabilities:CustomerBalance", flow: "settled" },
  Tax: { name: "Liabilities:Tax", flow: "settled" },
  UnclaimedProperty: { name: "Liabilities:UnclaimedProperty", flow: "moved" },
  AccruedProvider: { name: "Liabilities:AccruedProvider", flow: "aside" },
  Subscription: { name: "Revenue:Subscription", flow: "revenue" },
  Usage: { name: "Revenue:Usage", flow: "revenue" },
  Overage: { name: "Revenue:Overage", flow: "postpaid" },
  Outcomes: { name: "Revenue:Outcomes", flow: "postpaid" },
  Breakage: { name: "Revenue:Breakage", flow: "revenue" },
  Shortfall: { name: "Revenue:Shortfall", flow: "postpaid" },
  Refunds: { name: "Revenue:Refunds", flow: "settled" },
  Chargebacks: { name: "Revenue:Chargebacks", flow: "settled" },
  SlaCredits: { name: "Revenue:SlaCredits", flow: "moved" },
  PaymentFees: { name: "Expenses:PaymentFees", flow: "settled" },
  DisputeFees: { name: "Expenses:DisputeFees", flow: "settled" },
  BadDebt: { name: "Expenses:BadDebt", flow: "settled" },
  ModelCost: { name: "Expenses:ModelCost", flow: "aside" },
  /** Of translated books alone, like the next one. */
  ExchangeDifferences: { name: "Expenses:ExchangeDifferences", flow: "aside" },
  Rounding: { name: "Expenses:Rounding", flow: "aside" },
} as const satisfies Readonly<Record<string, ChartRow>>;

/** Accounts of credits. `Available` is that of lots. What a customer owes is an asset of the vendor. */
export const creditChart = {
  Issued: { name: "Equity:Credits:Issued", flow: "aside" },
  Available: { name: "Liabilities:Credits", flow: "aside" },
  Consumed: { name: "Equity:Credits:Consumed", flow: "aside" },
  Expired: { name: "Equity:Credits:Expired", flow: "aside" },
  Revoked: { name: "Equity:Credits:Revoked", flow: "aside" },
  Moved: { name: "Equity:Credits:Moved", flow: "aside" },
  Repaid: { name: "Equity:Credits:Repaid", flow: "aside" },
  Debt: { name: "Assets:Credits:Debt", flow: "aside" },
} as const satisfies Readonly<Record<string, ChartRow>>;

/** An account of money as the chart names it. */
export type MoneyAccount = keyof typeof moneyChart;
/** An account of credits as the chart names it. */
export type CreditAccount = keyof typeof creditChart;
/** A row of either table. */
export type AccountKey = MoneyAccount | CreditAccount;

/** Names of the operator's own books, by row; the rest keeps its name. */
export type ChartNames = Readonly<Partial<Record<AccountKey, string>>>;

/** A place in the chart. `lot`: of which lot of the entry's workspace it is, where it is a lot's. */
export interface Account {
  readonly key: AccountKey;
  readonly lot: string | null;
}

/** An account that the chart does not name: a fault of this build, never of the caller. */
class ChartFault extends Error {
  override readonly name = "ChartFault";
  readonly code = "unknown_account";
}

const isMoney = (key: string): key is MoneyAccount => Object.hasOwn(moneyChart, key);
const isCredits = (key: string): key is CreditAccount => Object.hasOwn(creditChart, key);

/** The place of a posting's account in the chart (B1). Throws `ChartFault`. */
export function accountOf({ account, commodity }: Posting): Account {
  const isOfCredits = commodity === "CREDIT";
  const ofLots = isOfCredits ? "Available" : "Deferred";
  const isNamed: (key: string) => key is AccountKey = isOfCredits ? isCredits : isMoney;
  if (isNamed(account) && account !== ofLots) return { key: account, lot: null };
  const lot = account.startsWith(`${ofLots}:`) ? account.slice(ofLots.length + 1) : "";
  // Ids of lots are ours and have no colon: what has one is a sub-account that nobody put into the chart.
  if (lot !== "" && !lot.includes(":")) return { key: ofLots, lot };
  throw new ChartFault(
    `The chart of accounts has no row for ${account} in ${commodity}. Add one to books/chart.ts.`,
  );
}

/** The row of an account. */
export const rowOf = (key: AccountKey): ChartRow =>
  isMoney(key) ? moneyChart[key] : creditChart[key];

const componentPattern = /^(Assets|Liabilities|Equity|Revenue|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+$/;

/**
 * Names as an operator gives them (`{ "Usage": "Revenue:AI:Usage" }`), checked: they must read the same in hledger and in
 * beancount, and no two rows may become one account. Throws `ChartFault` with every fault.
 */
export function readChartNames(given: Readonly<Record<string, unknown>>): ChartNames {
  const faults: string[] = [];
  const names: Partial<Record<AccountKey, string>> = {};
  for (const [key, name] of Object.entries(given)) {
    if (!isMoney(key) && !isCredits(key)) faults.push(`${key} is no account of the chart`);
    else if (typeof name !== "string" || !componentPattern.test(name))
      faults.push(
        `${key}: a name is Assets, Liabilities, Equity, Revenue or Expenses and then components of letters, digits and -, each with a capital or digit first`,
      );
    else names[key] = name;
  }
  const taken = new Map<string, AccountKey>();
  for (const key of accountKeys) {
    const name = names[key] ?? rowOf(key).name;
    const other = taken.get(name);
    if (other !== undefined) faults.push(`${key} and ${other} have the one name ${name}`);
    taken.set(name, key);
  }
  for (const lots of ["Deferred", "Available"] as const) {
    const within = `${names[lots] ?? rowOf(lots).name}:`;
    for (const [name, key] of taken)
      if (name.startsWith(within) && name.slice(within.length).includes(":"))
        faults.push(`${key}: ${name} stands among the accounts of lots`);
  }
  if (faults.length > 0) throw new ChartFault(`The names of accounts: ${faults.join("; ")}.`);
  return names;
}

/** Every row, in the chart's order. */
export const accountKeys: readonly AccountKey[] = [
  ...Object.keys(moneyChart).filter(isMoney),
  ...Object.keys(creditChart).filter(isCredits),
];
