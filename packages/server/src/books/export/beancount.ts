/**
 * Owns the beancount form (FINANCE, section 7): two legs per lot, and at every month's end the balance of each lot's accounts
 * that has one or had a posting in that month. `~ 0` makes a `balance` exact.
 */
import { beancountComponents } from "../account-name.ts";
import { amountText } from "../amount-text.ts";
import { firstDayOf, monthAfter, monthOf } from "../days.ts";
import type { BooksWriter, WrittenLine } from "./books-writer.ts";

/** A writer of beancount ledgers. Mutable: it knows the balances of lots. */
export function beancountWriter(): BooksWriter {
  const lots = new Map<string, WrittenLine>();
  const touched = new Set<string>();
  let month = "";

  const note = (lines: readonly WrittenLine[]): void => {
    for (const line of lines) {
      if (line.account.lot === null) continue;
      lots.set(line.name, line);
      touched.add(line.name);
    }
  };
  const monthEnds = (upTo: string): string => {
    let text = "";
    for (; month !== "" && month < upTo; month = monthAfter(month)) {
      const day = firstDayOf(monthAfter(month));
      for (const [name, { balance, commodity }] of lots) {
        if (balance !== 0n || touched.has(name))
          text += `\n${day} balance ${name}  ${amountText(balance, commodity)} ~ 0 ${commodity}`;
        if (balance === 0n) lots.delete(name);
      }
      touched.clear();
      text += "\n";
    }
    month = upTo;
    return text;
  };
  return {
    components: beancountComponents,
    start: ({ accounts, commodities }) =>
      [
        'option "title" "Cistern"',
        'option "name_income" "Revenue"',
        ...commodities
          .filter((one) => one !== "CREDIT")
          .map((one) => `option "operating_currency" "${one}"`),
        ...accounts.map(({ name, since }) => `${since} open ${name}`),
        "",
      ].join("\n"),
    opening(date, lines) {
      note(lines);
      month = monthOf(date);
      return `\n${date} * "opening balances"\n${lines.map(postingText).join("")}`;
    },
    entry({ date, workspaceId, position: { seq, index }, kind, of }, lines) {
      const ends = monthEnds(monthOf(date));
      note(lines);
      return `${ends}\n${date} * "${workspaceId}" "${kind} ${of}"\n  position: "${seq}.${index}"\n${lines.map(postingText).join("")}`;
    },
    end: () => (month === "" ? "" : monthEnds(monthAfter(month))),
  };
}

const postingText = ({ name, amount, commodity }: WrittenLine): string =>
  `  ${name}  ${amountText(amount, commodity)} ${commodity}\n`;
