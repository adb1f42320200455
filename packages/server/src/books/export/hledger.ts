/**
 * Owns the hledger form (FINANCE, section 7): two legs per lot, and after every posting the balance of its account, so that
 * `hledger check --strict ordereddates payees` finds one changed cent. hledger 1.25 needs the decimals declared that credits
 * have, and two spaces before a comment.
 */
import { hledgerComponents } from "../account-name.ts";
import { amountText } from "../amount-text.ts";
import type { BooksWriter, WrittenLine } from "./books-writer.ts";

const openingText = "opening balances";

/** A writer of hledger journals. */
export function hledgerWriter(): BooksWriter {
  return {
    components: hledgerComponents,
    start: ({ accounts, commodities, workspaces }) =>
      [
        "decimal-mark .",
        ...commodities.map((one) => `commodity ${sample(one)} ${one}`),
        ...accounts.map(({ name }) => `account ${name}  ; type:${typeOf(name)}`),
        `payee ${openingText}`,
        ...workspaces.map((id) => `payee ${id}`),
        "",
      ].join("\n"),
    opening: (date, lines) => `\n${date} * ${openingText}\n${lines.map(postingText).join("")}`,
    entry: ({ date, effective, workspaceId, position: { seq, index }, kind, of }, lines) =>
      `\n${date} * (${seq}.${index}) ${workspaceId} | ${kind} ${of}${effective === undefined ? "" : `  ; effective:${effective}`}\n${lines.map(postingText).join("")}`,
    end: () => "",
  };
}

/** It must have a point, or 1.25 refuses it. */
function sample(commodity: string): string {
  const text = amountText(10n ** 12n, commodity);
  return text.includes(".") ? text : `${text}.`;
}

function typeOf(name: string): string {
  switch (name.split(":", 1)[0]) {
    case "Assets":
      return "A";
    case "Liabilities":
      return "L";
    case "Equity":
      return "E";
    case "Revenue":
      return "R";
    default:
      return "X";
  }
}

function postingText({ name, commodity, amount, balance }: WrittenLine): string {
  const print = (value: bigint): string => `${amountText(value, commodity)} ${commodity}`;
  return `    ${name}  ${print(amount)} = ${print(balance)}\n`;
}
