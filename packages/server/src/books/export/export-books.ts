/**
 * Owns the way from journals to a file: every workspace is read once, its entries are put in the order of the books, and
 * written with the balances in that order.
 */
import type { ChartNames } from "../chart.ts";
import type { BooksSource } from "../books-source.ts";
import type { Entry } from "../entry.ts";
import { createBookkeeper } from "../keep-books.ts";
import { Spool } from "../spool.ts";
import type { Rates } from "../translation/rates.ts";
import { translated } from "../translation/translate.ts";
import { beancountWriter } from "./beancount.ts";
import { Balances, type BooksWriter } from "./books-writer.ts";
import { csvWriter } from "./csv.ts";
import { hledgerWriter } from "./hledger.ts";

/** Forms that books are written in. */
export const bookFormats = {
  hledger: hledgerWriter,
  beancount: beancountWriter,
  csv: csvWriter,
} as const satisfies Readonly<Record<string, () => BooksWriter>>;

/** A form that books are written in. */
export type BookFormat = keyof typeof bookFormats;

/** What to export. */
export interface ExportOptions {
  readonly source: BooksSource;
  readonly format: BookFormat;
  /** One workspace; left out: all. */
  readonly workspaceId?: string | undefined;
  /** First day; what was before comes as opening balances. */
  readonly from?: string | undefined;
  /** Last day, included. */
  readonly to?: string | undefined;
  readonly names?: ChartNames;
  /** Translates all money into their currency (`translation/`). */
  readonly rates?: Rates | undefined;
  readonly onProgress?: (done: { readonly workspaces: number; readonly entries: number }) => void;
}

/**
 * The text of the export, piece by piece. Rejects with `BooksFault`, `ChartFault` or `RatesFault`, before the first piece.
 *
 * @example
 * for await (const text of exportBooks({ source, format: "hledger" })) file.write(text);
 */
export async function* exportBooks(options: ExportOptions): AsyncGenerator<string> {
  const { source, format, workspaceId, from, to, names = {}, rates, onProgress } = options;
  const writer = bookFormats[format]();
  const balances = new Balances(names, writer.components);
  const spool = new Spool();
  try {
    const done = { workspaces: 0, entries: 0 };
    for await (const id of workspaceId === undefined ? source.workspaces() : [workspaceId]) {
      const keep = createBookkeeper(id);
      for await (const placed of source.events(id)) {
        const entry = keep(placed);
        if (entry === undefined || (to !== undefined && entry.date > to)) continue;
        if (rates === undefined) balances.note(entry);
        await spool.add(entry);
        done.entries += 1;
      }
      done.workspaces += 1;
      onProgress?.(done);
    }
    const read = (): AsyncIterable<Entry> =>
      rates === undefined ? spool.entries() : translated(spool.entries(), rates, to);
    // What translation names is known when it is done: it is done twice, and gives the same.
    if (rates !== undefined) for await (const entry of read()) balances.note(entry);
    yield* written(writer, balances, { entries: read(), from });
  } finally {
    await spool.close();
  }
}

async function* written(
  writer: BooksWriter,
  balances: Balances,
  { entries, from }: { entries: AsyncIterable<Entry>; from: string | undefined },
): AsyncGenerator<string> {
  yield writer.start(balances.named());
  let isOpen = from === undefined;
  const open = (): string => {
    isOpen = true;
    const standing = balances.standing();
    return standing.length === 0 || from === undefined ? "" : writer.opening(from, standing);
  };
  for await (const entry of entries) {
    const isBefore = from !== undefined && entry.date < from;
    if (!isBefore && !isOpen) yield open();
    const lines = balances.carryOut(entry);
    if (!isBefore) yield writer.entry(entry, lines);
  }
  if (!isOpen) yield open();
  yield writer.end();
}
