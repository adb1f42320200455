import { FormatFault } from "./format-fault.ts";

/** A percent of 0 to 100 with at most two decimals. */
export const percentPattern: string = "^(100(\\.0{1,2})?|[1-9]?[0-9](\\.[0-9]{1,2})?)$";

/** Hundredths of a percent. Throws `FormatFault`. */
export function parsePercent(text: string): number {
  if (!new RegExp(percentPattern).test(text))
    throw new FormatFault(text, "a percent of 0 to 100 with at most two decimals");
  const [whole = "", part = ""] = text.split(".");
  return Number(whole) * 100 + Number(part.padEnd(2, "0"));
}

/** The shortest text of it. */
export function printPercent(bps: number): string {
  const part = String(bps % 100).padStart(2, "0");
  return `${Math.floor(bps / 100)}.${part}`.replace(/\.?0+$/, "") || "0";
}
