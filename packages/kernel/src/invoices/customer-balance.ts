/**
 * Owns which part of what the vendor owes a customer may be used, and for what.
 *
 * C1 what a change gives back is owed from then on, without tax, and waits on its line: it is the line's invoice that gives the tax
 * back with it, by the rate of its issue. Until then it is set against nothing else, so that whatever is used is with its tax. C2 the
 * rest is free.
 */
import { type Money, money } from "../amount.ts";
import { type Line, creditOf } from "./line.ts";
import { type InvoiceSlice, accountOf } from "./slice.ts";

/** What an invoice of these lines may use: what is free, and what they give back themselves. */
export function usableBy(slice: InvoiceSlice, lines: readonly Line[]): Money {
  const usable = accountOf(slice).balance - slice.waiting.credit + creditOf(lines);
  return money(usable > 0n ? usable : 0n);
}
