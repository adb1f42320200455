/** Owns how amounts that people write in plans and packs become exact numbers. */
import { parseCredits } from "@cistern/contract";
import { type Credits, type Fee, type Money, credits, money } from "@cistern/kernel";
import type { Tell } from "./catalog.ts";

/** Reads amounts of one currency, and tells what is wrong with them. */
export class Amounts {
  readonly #digits: number;
  readonly tell: Tell;

  constructor(digits: number, tell: Tell) {
    this.#digits = digits;
    this.tell = tell;
  }

  fee({ fee, value }: { fee: string; value?: string }, path: string): Fee {
    const amount = this.money(fee, `${path}/fee`);
    return {
      amount,
      standalone: value === undefined ? amount : this.money(value, `${path}/value`),
    };
  }

  money(text: string, path: string): Money {
    const found = minor(text, this.#digits);
    if (found === undefined)
      this.tell({
        path,
        message: `is ${text}, which has more than the ${this.#digits} digit(s) after the point that the currency has`,
      });
    return money(found ?? 0n);
  }

  /** More than 0. */
  credits(text: string, path: string): Credits {
    const found = credits(parseCredits(text));
    if (found > 0n) return found;
    this.tell({ path, message: "is 0; leave it out, or say how many" });
    return credits(1n);
  }
}

/** A decimal in units of its last digit; undefined where it has more digits than that. */
export function minor(text: string, digits: number): bigint | undefined {
  const [whole = "", part = ""] = text.split(".");
  if (part.slice(digits).replaceAll("0", "") !== "") return undefined;
  return BigInt(whole + part.slice(0, digits).padEnd(digits, "0"));
}
