/** Owns how prices that were negotiated with one customer become a command: read exactly, all faults told. */
import { createHash } from "node:crypto";
import type { Money as MoneyBody, NegotiatedPrices, Violation } from "@cistern/contract";
import type { Negotiation, PutSubscription } from "@cistern/kernel";
import canonicalize from "canonicalize";
import { type Meter, readNegotiation } from "../../catalog/index.ts";
import { readInstant } from "../calls/read-field.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";

/** What is negotiated, with what is wrong with it. */
export interface ReadNegotiations {
  readonly negotiated: NonNullable<PutSubscription["negotiated"]>;
  readonly violations: readonly Violation[];
}

const idCharacters = 8;

/** Reads one span of time, or several. */
export function negotiationsOf(
  said: NegotiatedPrices | readonly NegotiatedPrices[],
  { meters, currency }: { meters: ReadonlyMap<string, Meter>; currency: string },
): ReadNegotiations {
  const isList = isMany(said);
  const all = isList ? said : [said];
  const violations: Violation[] = [];
  const tell = ({ path, message }: { path: string; message: string }): void =>
    void violations.push({ pointer: path, detail: message });
  const moneys: Record<string, MoneyBody | undefined> = {};
  const spans = all.map((one, index): Negotiation => {
    const path = isList ? `/negotiated/${index}` : "/negotiated";
    moneys[`${path}/base`] = one.base;
    moneys[`${path}/seat`] = one.seat;
    return {
      id: idOf(one),
      base: one.base === undefined ? null : readMoney(one.base),
      seat: one.seat === undefined ? null : readMoney(one.seat),
      ...readNegotiation(one, { path, tell, meters, currency }),
      ...(one.from === undefined ? {} : { from: readInstant(`${path}/from`, one.from) }),
      until: readInstant(`${path}/until`, one.until),
      said: JSON.stringify(one),
    };
  });
  return { negotiated: { spans, isList, currency: readCurrency(moneys) }, violations };
}

/** Equal prices have equal ids, whenever they hold, so that the same request once more changes nothing. */
function idOf({ from: _from, until: _until, ...prices }: NegotiatedPrices): string {
  const text = canonicalize(prices) ?? "";
  return createHash("sha256").update(text).digest("hex").slice(0, idCharacters);
}

const isMany = (
  said: NegotiatedPrices | readonly NegotiatedPrices[],
): said is readonly NegotiatedPrices[] => Array.isArray(said);
