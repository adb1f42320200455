/** Owns where books are read from: the journal, row by row, each proven to continue the chain before its events are believed. */
import type { Event } from "@cistern/kernel";
import {
  type Head,
  type JournalStore,
  decodeEvents,
  genesisHead,
  verifyRow,
} from "../journal/index.ts";
import type { PlacedEvent } from "./keep-books.ts";

/** What books are made of. Nothing is held in memory but the page at hand. */
export interface BooksSource {
  /** Every workspace, in the order of their ids. */
  workspaces(): AsyncIterable<string>;
  /** All events of a workspace, oldest first. Rejects with `BooksFault` where there are none, or the chain is broken. */
  events(workspaceId: string): AsyncIterable<PlacedEvent>;
}

/** Books that cannot be made: there are none of that name, or their journal is broken. */
export class BooksFault extends Error {
  override readonly name = "BooksFault";
  readonly code: "unknown_workspace" | "journal_broken";

  constructor(code: BooksFault["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const rowsPage = 256;

/** The journal as a source of books; `workspaces` lists whose journals there are. */
export function booksSource(
  store: Pick<JournalStore, "readRows">,
  workspaces: () => AsyncIterable<string>,
): BooksSource {
  return {
    workspaces,
    async *events(workspaceId) {
      let head: Head = genesisHead;
      for (;;) {
        const rows = await store.readRows(workspaceId, head.seq, rowsPage);
        if (rows.length === 0 && head.seq === 0)
          throw new BooksFault("unknown_workspace", `There is no workspace ${workspaceId}.`);
        if (rows.length === 0) return;
        for (const row of rows) {
          const breach = verifyRow(row, head);
          if (breach !== undefined)
            throw new BooksFault(
              "journal_broken",
              `Row ${workspaceId}/${row.seq} does not continue the chain: its ${breach} is wrong. Run \`cistern verify\`.`,
            );
          head = { seq: row.seq, hash: row.hash };
          for (const [index, event] of decodeEvents<Event>(row.events, row.codec).entries())
            yield { event, position: { seq: row.seq, index } };
        }
      }
    },
  };
}
