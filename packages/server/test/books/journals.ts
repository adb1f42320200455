import { type Event, type State, apply, emptyState } from "@cistern/kernel";
import { type BooksSource, booksSource } from "../../src/books/index.ts";
import { genesisHead, memoryStore } from "../../src/journal/index.ts";
import { rowsOf } from "../audit/journal-of.ts";

/** A journal in memory for each workspace, one event a row, as a source of books. */
export async function sourceOf(
  journals: Readonly<Record<string, readonly Event[]>>,
): Promise<BooksSource> {
  const store = memoryStore();
  for (const [workspaceId, events] of Object.entries(journals)) {
    let expected = genesisHead;
    for (const row of rowsOf(events, workspaceId)) {
      await store.append([{ expected, row, ops: [], watched: [] }]);
      expected = { seq: row.seq, hash: row.hash };
    }
  }
  const ids = Object.keys(journals).toSorted();
  return booksSource(store, async function* () {
    yield* ids;
  });
}

/** The state that a journal leads to. */
export function stateOf(events: readonly Event[]): State {
  const state = emptyState();
  for (const [index, event] of events.entries()) apply(state, event, { seq: index + 1, index: 0 });
  return state;
}

/** All pieces of a text. */
export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}
