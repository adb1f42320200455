import { type Event, type State, apply, emptyState } from "@cistern/kernel";
import { type BooksSource, booksSource } from "../../src/books/index.ts";
import { type JournalStore, genesisHead, memoryStore } from "../../src/journal/index.ts";
import { rowsOf } from "../audit/rows-of.ts";

/** Events by workspace. */
type Journals = Readonly<Record<string, readonly Event[]>>;

/** A journal in memory for each workspace, one event a row, as a source of books. */
export async function sourceOf(journals: Journals): Promise<BooksSource> {
  const { source } = await booksOf(journals);
  return source;
}

/** The same, with the store. */
export async function booksOf(
  journals: Journals,
): Promise<{ readonly source: BooksSource; readonly store: JournalStore }> {
  const store = memoryStore();
  for (const [workspaceId, events] of Object.entries(journals)) {
    let expected = genesisHead;
    for (const row of rowsOf(events, workspaceId)) {
      await store.append([{ expected, row, ops: [], watched: [] }]);
      expected = { seq: row.seq, hash: row.hash };
    }
  }
  const ids = Object.keys(journals).toSorted();
  const source = booksSource(store, async function* () {
    yield* ids;
  });
  return { source, store };
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
