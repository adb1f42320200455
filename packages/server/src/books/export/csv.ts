/** Owns the CSV form: one row a posting, with the balance of its account after it. */
import { stringify } from "csv-stringify/sync";
import { hledgerComponents } from "../account-name.ts";
import { amountText } from "../amount-text.ts";
import type { BooksWriter, WrittenLine } from "./books-writer.ts";

const columns = [
  "date",
  "workspace",
  "position",
  "kind",
  "of",
  "account",
  "commodity",
  "amount",
  "balance",
  "effective",
];

/** A writer of CSV (RFC 4180). */
export function csvWriter(): BooksWriter {
  const rowsOf = (
    head: readonly string[],
    lines: readonly WrittenLine[],
    effective: string,
  ): string =>
    stringify(
      lines.map(({ name, commodity, amount, balance }) => [
        ...head,
        name,
        commodity,
        amountText(amount, commodity),
        amountText(balance, commodity),
        effective,
      ]),
      csvOptions,
    );
  return {
    components: hledgerComponents,
    start: () => stringify([columns], csvOptions),
    opening: (date, lines) => rowsOf([date, "", "", "opening balances", ""], lines, date),
    entry: ({ date, effective = date, workspaceId, position: { seq, index }, kind, of }, lines) =>
      rowsOf([date, workspaceId, `${seq}.${index}`, kind, of], lines, effective),
    end: () => "",
  };
}

/** Lines end as RFC 4180 says. */
const csvOptions = { record_delimiter: "windows" } as const;
