/** Owns what a report is: a fold over the entries of a month and of all that was before, in any order of workspaces. */
import type { Event } from "@cistern/kernel";
import type { Entry } from "../entry.ts";

/** A line of a report: flat, so that JSON, CSV and a terminal show the same. Amounts are exact decimals. */
export type ReportRow = Readonly<Record<string, string | number>>;

/** An event of a workspace, whether it posts anything or not. `isBefore`: it is booked in an earlier month. */
export interface Fact {
  readonly workspaceId: string;
  readonly event: Event;
  readonly isBefore: boolean;
}

/** Collects one report. `isBefore`: the entry is of an earlier month. Mutable. */
export interface ReportFold<Row extends ReportRow = ReportRow> {
  add(entry: Entry, isBefore: boolean): void;
  rows(): readonly Row[];
}

/** Collects a report of what entries do not tell. All facts of one workspace come before those of the next. Mutable. */
export interface FactFold<Row extends ReportRow = ReportRow> {
  note(fact: Fact): void;
  rows(): readonly Row[];
}

/** Sums by name, made when first asked for. Mutable. */
export class Sums<Key extends string, Part extends string> {
  readonly #parts: readonly Part[];
  readonly #sums = new Map<Key, Map<Part, bigint>>();

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  add(key: Key, part: Part, amount: bigint): void {
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = new Map(this.#parts.map((one) => [one, 0n]));
      this.#sums.set(key, sums);
    }
    sums.set(part, (sums.get(part) ?? 0n) + amount);
  }

  /** In the order of the keys, without those whose sums are all zero. */
  *entries(): Generator<readonly [Key, (part: Part) => bigint]> {
    for (const [key, sum] of this.all())
      if (this.#parts.some((part) => sum(part) !== 0n)) yield [key, sum];
  }

  /** In the order of the keys. */
  *all(): Generator<readonly [Key, (part: Part) => bigint]> {
    for (const [key, sums] of [...this.#sums].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      yield [key, (part) => sums.get(part) ?? 0n];
  }
}

/** A key of two names; neither has a space. */
export type Pair = `${string} ${string}`;

/** Its names. */
export function namesOf(pair: Pair): readonly [string, string] {
  const [first = "", second = ""] = pair.split(" ");
  return [first, second];
}
