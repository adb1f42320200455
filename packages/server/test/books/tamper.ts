/** Changes that an accounting tool must find: books with one unit, the smallest there is, in another place. */
import assert from "node:assert/strict";

/** The text with one amount a unit of its last digit higher: that of the nth posting to such an account. */
export function tampered(text: string, account: RegExp, nth = 0): string {
  const lines = text.split("\n");
  const postings = lines
    .keys()
    .filter((index) => isPosting(lines[index]) && account.test(lines[index] ?? ""));
  const [found] = postings.drop(nth);
  assert(found !== undefined, `no posting ${nth} to ${account}`);
  return lines.with(found, raised(lines[found] ?? "", 1n)).join("\n");
}

/** How many postings there are to such an account. */
export const postingsTo = (text: string, account: RegExp): number =>
  text.split("\n").filter((line) => isPosting(line) && account.test(line)).length;

/** Two legs of one entry, by their lines. */
export type TwoLegs = readonly [up: number, down: number];

/** All pairs of legs of each entry that are of one commodity and can be told apart: a unit can move between them. */
export function pairsOfLegs(text: string): readonly (readonly TwoLegs[])[] {
  const entries: TwoLegs[][] = [];
  let legs: { readonly index: number; readonly commodity: string }[] = [];
  for (const [index, line] of [...text.split("\n"), ""].entries()) {
    const [, , , , commodity] = posting.exec(line) ?? [];
    if (commodity !== undefined) legs.push({ index, commodity });
    else if (!line.startsWith(" ")) {
      const pairs = legs.flatMap((up) =>
        legs.flatMap((down): TwoLegs[] =>
          up.index !== down.index && up.commodity === down.commodity
            ? [[up.index, down.index]]
            : [],
        ),
      );
      if (pairs.length > 0) entries.push(pairs);
      legs = [];
    }
  }
  return entries;
}

/** The text with one unit moved from one leg to the other: the entry still balances. */
export function moved(text: string, [up, down]: TwoLegs): string {
  const lines = text.split("\n");
  lines[up] = raised(lines[up] ?? "", 1n);
  lines[down] = raised(lines[down] ?? "", -1n);
  return lines.join("\n");
}

/** A posting as both tools are given it; hledger's goes on with an assertion. */
const posting = /^( +\S+ {2})(-?[0-9]+)(\.[0-9]+)? ([A-Z]+)/;

const isPosting = (line: string | undefined): boolean => posting.test(line ?? "");

function raised(line: string, by: bigint): string {
  return line.replace(posting, (_all, account: string, whole: string, part = "", of = "") => {
    const digits = Math.max(String(part).length - 1, 0);
    const units = BigInt(whole + String(part).slice(1)) + by;
    const text = String(units < 0n ? -units : units).padStart(digits + 1, "0");
    const point = text.length - digits;
    const sign = units < 0n ? "-" : "";
    return `${account}${sign}${text.slice(0, point)}${digits === 0 ? "" : `.${text.slice(point)}`} ${of}`;
  });
}
