import assert from "node:assert/strict";

/** The text with one amount a unit of its last digit higher: that of the nth posting to such an account. */
export function tampered(text: string, account: RegExp, nth = 0): string {
  let seen = -1;
  let isDone = false;
  const lines = text.split("\n").map((line) => {
    if (isDone || !line.startsWith(" ") || !account.test(line)) return line;
    seen += 1;
    if (seen !== nth) return line;
    isDone = true;
    return line.replace(/ {2}(-?)([0-9]+)(?:\.([0-9]+))? ([A-Z]+)/, raised);
  });
  assert(isDone, `no posting to ${account}`);
  return lines.join("\n");
}

/** How many postings there are to such an account. */
export const postingsTo = (text: string, account: RegExp): number =>
  text.split("\n").filter((line) => line.startsWith(" ") && account.test(line)).length;

function raised(_all: string, sign: string, whole: string, part = "", of = ""): string {
  const units = String(BigInt(whole + part) + 1n).padStart(part.length + 1, "0");
  const point = units.length - part.length;
  return `  ${sign}${units.slice(0, point)}${part === "" ? "" : `.${units.slice(point)}`} ${of}`;
}
