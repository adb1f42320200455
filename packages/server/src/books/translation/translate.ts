/**
 * Owns translation of books into one reporting currency, at export (FINANCE, E18): as a vendor keeps them that does business in
 * other currencies than its own (IAS 21.21 to 28, IFRIC 22, ASC 830-20).
 *
 * L1 deferred revenue is carried at the rates at which it came in, and recognised at them (`carried.ts`); revenue that is not
 * billed yet, fees and costs at the rate of their day. L2 monetary accounts are posted at the rate of the day, and stand at the
 * rate of each month's end: the difference is ExchangeDifferences. L3 where deferred revenue is given back in money, what the rate
 * has done meanwhile is an exchange difference too. L4 each line is rounded once (R1); what an entry lacks then is Rounding, so that
 * it sums to zero. L5 credits, and money that is in the reporting currency, stay as they are.
 */
import { type Flow, rowOf } from "../chart.ts";
import { monthAfter, monthOf, spanOfMonth } from "../days.ts";
import type { Entry, Line } from "../entry.ts";
import { CarriedRevenue, type Moved } from "./carried.ts";
import { MonetaryBalances } from "./monetary.ts";
import { type Rate, type Rates, inMinorUnits, worth } from "./rates.ts";

/**
 * Entries in the order of the books, in the currency of the rates, with those of remeasurement among them: at each month's end,
 * and on the last day, `to` or that of the last entry. Throws `RatesFault`.
 */
export async function* translated(
  entries: AsyncIterable<Entry>,
  rates: Rates,
  to?: string,
): AsyncGenerator<Entry> {
  const translator = new Translator(rates);
  let last = "";
  for await (const entry of entries) {
    const from = monthOf(last === "" ? entry.date : last);
    for (let month = from; month < monthOf(entry.date); month = monthAfter(month))
      yield* translator.remeasured(spanOfMonth(month).to);
    last = entry.date;
    yield translator.entry(entry);
  }
  if (last !== "") yield* translator.remeasured(to ?? last);
}

/** A line as it is posted, with its amount before and with what it is worth exactly. */
interface Valued {
  readonly line: Line;
  readonly amount: bigint;
  readonly picos: bigint;
}

/** Mutable: it knows what deferred revenue is carried at, and what monetary accounts have. */
class Translator {
  readonly #rates: Rates;
  readonly #carried = new CarriedRevenue();
  readonly #monetary: MonetaryBalances;

  constructor(rates: Rates) {
    this.#rates = rates;
    this.#monetary = new MonetaryBalances(rates);
  }

  remeasured(day: string): readonly Entry[] {
    return this.#monetary.remeasured(day);
  }

  entry(entry: Entry): Entry {
    const groups = Map.groupBy(entry.lines, ({ commodity }) => commodity);
    const lines = [...groups].flatMap(([currency, same]) =>
      currency === "CREDIT" || currency === this.#rates.currency
        ? same
        : this.#group(same, entry, this.#rates.on(entry.date, currency)),
    );
    return { ...entry, lines: lines.filter(({ amount }) => amount !== 0n) };
  }

  /** The lines of one currency: they sum to zero before and after. */
  #group(lines: readonly Line[], entry: Entry, spot: Rate): readonly Line[] {
    const byFlow = Map.groupBy(lines, ({ account }) => rowOf(account.key).flow);
    const of = (flow: Flow): readonly Line[] => byFlow.get(flow) ?? [];
    const settled = sumOf(of("settled"));
    const deferred = this.#deferred(of("deferred"), { entry, spot, settled });
    const revenue = this.#revenue(of("revenue"), {
      spot,
      deferred,
      postpaid: sumOf(of("postpaid")),
      isAlone: settled === 0n && sumOf(of("moved")) === 0n,
    });
    const others = (["settled", "postpaid", "moved", "aside"] as const).flatMap(of).map((line) => {
      const valued = this.#valued(line, worth(line.amount, spot));
      this.#monetary.note(line, { reported: valued.line.amount, picos: valued.picos });
      return valued;
    });
    const all = [...deferred, ...revenue, ...others];
    return [...all.map(({ line }) => line), ...this.#rest(all)];
  }

  /** L1: releases first, since what they were carried at goes on to what is new, with what the customer adds. */
  #deferred(
    lines: readonly Line[],
    { entry, spot, settled }: { entry: Entry; spot: Rate; settled: bigint },
  ): readonly Valued[] {
    const { workspaceId, origins = {} } = entry;
    const named = (id: string, commodity: string): string => `${workspaceId} ${id} ${commodity}`;
    const nameOf = ({ account, commodity }: Line): string =>
      named(account.lot ?? account.key, commodity);
    const posted = (line: Line, { picos, minor }: Moved): Valued => ({
      line: this.#line(line, minor),
      amount: line.amount,
      picos,
    });
    const released = lines
      .filter(({ amount }) => amount > 0n)
      .map((line) => posted(line, this.#carried.release(nameOf(line), line.amount, spot)));
    const added = settled > 0n ? settled : 0n;
    const rate =
      released.length === 0
        ? spot
        : {
            picos: released.reduce((sum, { picos }) => sum + picos, worth(added, spot)),
            per: released.reduce((sum, { amount }) => sum + amount, added),
          };
    const taken = lines
      .filter(({ amount }) => amount < 0n)
      .map((line) => {
        const { lot } = line.account;
        const origin = named(origins[lot ?? ""] ?? "", line.commodity);
        const at = { rate, isLot: lot !== null, origin };
        return posted(line, this.#carried.take(nameOf(line), -line.amount, at));
      });
    return [...released, ...taken];
  }

  /**
   * L1: revenue that may come out of deferred revenue. What of it is not billed yet (`postpaid`) is worth the day's rate, the rest
   * what the deferred revenue of the entry was carried at; where nothing else is in the entry (`isAlone`), exactly that.
   */
  #revenue(
    lines: readonly Line[],
    {
      spot,
      deferred,
      postpaid,
      isAlone,
    }: {
      readonly spot: Rate;
      readonly deferred: readonly Valued[];
      readonly postpaid: bigint;
      readonly isAlone: boolean;
    },
  ): readonly Valued[] {
    const whole = -sumOf(lines);
    const carried = carriedAt(deferred) ?? spot;
    const value =
      isAlone && deferred.length > 0
        ? deferred.reduce((sum, { picos }) => sum + picos, worth(postpaid, spot))
        : worth(postpaid, spot) + worth(whole - postpaid, carried);
    // Of parts that go opposite ways no rate of the whole can be told.
    const isOneWay = whole * postpaid >= 0n && whole * (whole - postpaid) >= 0n;
    const rate =
      isOneWay && value * whole > 0n ? { picos: sizeOf(value), per: sizeOf(whole) } : carried;
    return lines.map((line) => this.#valued(line, worth(line.amount, rate)));
  }

  /** L3, L4. */
  #rest(all: readonly Valued[]): readonly Line[] {
    const difference = inMinorUnits(-all.reduce((sum, { picos }) => sum + picos, 0n));
    const posted = sumOf(all.map(({ line }) => line));
    const line = (key: "ExchangeDifferences" | "Rounding", amount: bigint): Line => ({
      account: { key, lot: null },
      commodity: this.#rates.currency,
      amount,
    });
    return [line("ExchangeDifferences", difference), line("Rounding", -posted - difference)];
  }

  #valued(line: Line, picos: bigint): Valued {
    return { line: this.#line(line, inMinorUnits(picos)), amount: line.amount, picos };
  }

  #line({ account }: Line, amount: bigint): Line {
    return { account, commodity: this.#rates.currency, amount };
  }
}

/** At what deferred revenue was carried that leaves in an entry, or else comes. */
function carriedAt(deferred: readonly Valued[]): Rate | undefined {
  const leaves = deferred.filter(({ amount }) => amount > 0n);
  const moved = leaves.length > 0 ? leaves : deferred;
  const per = sizeOf(moved.reduce((sum, { amount }) => sum + amount, 0n));
  const picos = sizeOf(moved.reduce((sum, one) => sum + one.picos, 0n));
  return per === 0n ? undefined : { picos, per };
}

const sumOf = (lines: readonly Line[]): bigint =>
  lines.reduce((sum, { amount }) => sum + amount, 0n);

const sizeOf = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
