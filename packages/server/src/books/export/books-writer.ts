/** Owns what all formats share: names of accounts, and the balance of each as entries go by. */
import { type Components } from "../account-name.ts";
import { type Account, type ChartNames, rowOf } from "../chart.ts";
import type { Entry, Line } from "../entry.ts";

/** An account as a file names it. */
export interface NamedAccount {
  readonly name: string;
  readonly account: Account;
  /** The first day with a posting. */
  readonly since: string;
}

/** What the entries of a file name: known before its first line is written. */
export interface Named {
  /** In the order of their names. */
  readonly accounts: readonly NamedAccount[];
  readonly commodities: readonly string[];
  readonly workspaces: readonly string[];
}

/** One posting as it is written: with the balance of its account after it. */
export interface WrittenLine {
  readonly name: string;
  readonly account: Account;
  readonly commodity: string;
  readonly amount: bigint;
  readonly balance: bigint;
}

/** A format. Its methods are called in this order: `start`, `opening` where there is one, `entry` for each, `end`. */
export interface BooksWriter {
  /** Components of this format's names. */
  readonly components: Components;
  start(named: Named): string;
  /** The balances that a file which begins in the middle begins with. */
  opening(date: string, lines: readonly WrittenLine[]): string;
  entry(entry: Entry, lines: readonly WrittenLine[]): string;
  end(): string;
}

/** Names accounts and keeps their balances, by account and commodity. Mutable. */
export class Balances {
  readonly #names: ChartNames;
  readonly #components: Components;
  readonly #accounts = new Map<string, { account: Account; since: string }>();
  readonly #commodities = new Set<string>();
  readonly #workspaces = new Set<string>();
  readonly #balances = new Map<string, Map<string, bigint>>();

  constructor(names: ChartNames, components: Components) {
    this.#names = names;
    this.#components = components;
  }

  /** The account's name in the file; a lot's goes on with its workspace and itself. */
  nameOf(account: Account, workspaceId: string): string {
    const name = this.#names[account.key] ?? rowOf(account.key).name;
    if (account.lot === null) return name;
    const { write } = this.#components;
    return `${name}:${write(workspaceId)}:${write(account.lot)}`;
  }

  /** Notes what an entry names. Entries come in any order. */
  note({ workspaceId, date, lines }: Entry): void {
    this.#workspaces.add(workspaceId);
    for (const { account, commodity } of lines) {
      const name = this.nameOf(account, workspaceId);
      const known = this.#accounts.get(name);
      if (known === undefined) this.#accounts.set(name, { account, since: date });
      else if (date < known.since) known.since = date;
      this.#commodities.add(commodity);
    }
  }

  /** All that was noted. */
  named(): Named {
    const accounts = [...this.#accounts].map(([name, one]) => ({ name, ...one }));
    return {
      accounts: accounts.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      commodities: [...this.#commodities].toSorted(),
      workspaces: [...this.#workspaces].toSorted(),
    };
  }

  /** Carries an entry out, in the order of the file. */
  carryOut({ workspaceId, lines }: Entry): readonly WrittenLine[] {
    return lines.map((line) => this.#post(line, this.nameOf(line.account, workspaceId)));
  }

  /** Every balance that is not zero, as a posting that makes it. */
  standing(): readonly WrittenLine[] {
    return [...this.#balances].flatMap(([name, byCommodity]) => {
      const account = this.#accounts.get(name)?.account;
      if (account === undefined) return [];
      return [...byCommodity].flatMap(([commodity, balance]) =>
        balance === 0n ? [] : [{ name, account, commodity, amount: balance, balance }],
      );
    });
  }

  #post({ account, commodity, amount }: Line, name: string): WrittenLine {
    const byCommodity = this.#balances.get(name) ?? new Map<string, bigint>();
    const balance = (byCommodity.get(commodity) ?? 0n) + amount;
    byCommodity.set(commodity, balance);
    this.#balances.set(name, byCommodity);
    return { name, account, commodity, amount, balance };
  }
}
