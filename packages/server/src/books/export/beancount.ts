/**
 * Owns the beancount form (FINANCE, section 7): two legs per lot, and at every month's end the balance of each account that has
 * one or had a posting in that month, so that a cent that moved between two legs of an entry is found too. `~ 0` makes a
 * `balance` exact. It counts sub-accounts in: `Deferred:Access` may have a workspace `access` below it.
 */
import { beancountComponents } from "../account-name.ts";
import { amountText } from "../amount-text.ts";
import { firstDayOf, monthAfter, monthOf } from "../days.ts";
import type { BooksWriter, NamedAccount, WrittenLine } from "./books-writer.ts";

/** A writer of beancount ledgers. Mutable: it knows the balances of accounts. */
export function beancountWriter(): BooksWriter {
  let balances = new TreeBalances([]);
  let month = "";

  const monthEnds = (upTo: string): string => {
    let text = "";
    for (; month !== "" && month < upTo; month = monthAfter(month)) {
      const day = firstDayOf(monthAfter(month));
      for (const { name, commodity, balance } of balances.endMonth())
        text += `\n${day} balance ${name}  ${amountText(balance, commodity)} ~ 0 ${commodity}`;
      text += "\n";
    }
    month = upTo;
    return text;
  };
  return {
    components: beancountComponents,
    start({ accounts, commodities }) {
      balances = new TreeBalances(accounts);
      return [
        'option "title" "Cistern"',
        'option "name_income" "Revenue"',
        ...commodities
          .filter((one) => one !== "CREDIT")
          .map((one) => `option "operating_currency" "${one}"`),
        ...accounts.map(({ name, since }) => `${since} open ${name}`),
        "",
      ].join("\n");
    },
    opening(date, lines) {
      balances.post(lines);
      month = monthOf(date);
      return `\n${date} * "opening balances"\n${lines.map(postingText).join("")}`;
    },
    entry({ date, effective, workspaceId, position: { seq, index }, kind, of }, lines) {
      const ends = monthEnds(monthOf(date));
      balances.post(lines);
      const day = effective === undefined ? "" : `  effective: ${effective}\n`;
      return `${ends}\n${date} * "${workspaceId}" "${kind} ${of}"\n  position: "${seq}.${index}"\n${day}${lines.map(postingText).join("")}`;
    },
    end: () => (month === "" ? "" : monthEnds(monthAfter(month))),
  };
}

/** A balance as the directive means it: of an account and all below it. */
interface TreeBalance {
  readonly name: string;
  readonly commodity: string;
  balance: bigint;
}

/** Balances of accounts with what is below them. Mutable; accounts that are empty and still are forgotten. */
class TreeBalances {
  /** Accounts above, of those that have any. */
  readonly #above = new Map<string, readonly string[]>();
  readonly #balances = new Map<string, TreeBalance>();

  constructor(accounts: readonly NamedAccount[]) {
    // What stands below a lot's account is nothing.
    const flat = new Set(
      accounts.flatMap(({ name, account }) => (account.lot === null ? name : [])),
    );
    for (const { name } of accounts) {
      const above = ancestorsOf(name).filter((one) => flat.has(one));
      if (above.length > 0) this.#above.set(name, above);
    }
  }

  post(lines: readonly WrittenLine[]): void {
    for (const { name, commodity, amount } of lines)
      for (const one of [name, ...(this.#above.get(name) ?? [])])
        this.#of(one, commodity).balance += amount;
  }

  /** Those that have a balance, or had a posting since the last month's end. */
  *endMonth(): Generator<TreeBalance> {
    for (const [key, row] of this.#balances) {
      yield row;
      if (row.balance === 0n) this.#balances.delete(key);
    }
  }

  #of(name: string, commodity: string): TreeBalance {
    const key = `${name} ${commodity}`;
    const row = this.#balances.get(key) ?? { name, commodity, balance: 0n };
    this.#balances.set(key, row);
    return row;
  }
}

/** `A:B:C` is below `A:B` and `A`. */
function ancestorsOf(name: string): readonly string[] {
  const parts = name.split(":");
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join(":"));
}

const postingText = ({ name, amount, commodity }: WrittenLine): string =>
  `  ${name}  ${amountText(amount, commodity)} ${commodity}\n`;
