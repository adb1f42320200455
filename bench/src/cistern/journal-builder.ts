import { randomUUID } from "node:crypto";
import {
  type Command,
  type Instant,
  type RateCard,
  type State,
  apply,
  decide,
  emptyState,
} from "@cistern/kernel";
import {
  type Append,
  EventsWriter,
  type Head,
  type JournalStore,
  type OpRow,
  codecVersion,
  genesisHead,
  hashRow,
} from "../../../packages/server/src/journal/index.ts";
import { builtInCard, calendar } from "./node.ts";

/** As many events as a busy engine puts into one row. */
const eventsPerRow = 64;
/** Rows of one workspace have to be appended one after the other; those of many share a statement. */
const appendsPerStatement = 256;

/**
 * Makes a journal without an engine, faster than callers could: the kernel decides, and rows are chained as the engine does it.
 * The store appends them as it appends any other.
 */
export class JournalBuilder {
  readonly #workspaceId: string;
  readonly #rateCard: RateCard;
  #at: Instant;
  readonly #state: State = emptyState();
  #head: Head = genesisHead;
  #events = new EventsWriter();
  #ops: OpRow[] = [];
  #length = 0;

  constructor(workspaceId: string, at: Instant, rateCard = builtInCard) {
    this.#workspaceId = workspaceId;
    this.#at = at;
    this.#rateCard = rateCard;
  }

  /** Events since the last row. */
  get length(): number {
    return this.#length;
  }

  /** What is added from now on happens then; nothing may be due meanwhile. */
  moveTo(at: Instant): void {
    this.#at = at;
  }

  /** Adds what the command leads to, accepted under a key, if it has one. */
  execute(command: Command, key?: { opId: string; fingerprint: string }): void {
    const around = { calendar, rateCard: this.#rateCard };
    const decision = decide(this.#state, command, this.#at, around);
    if (decision.kind === "rejected")
      throw new Error(`${command.kind} was refused: ${decision.rejection.code}`);
    const seq = this.#head.seq + 1;
    if (key !== undefined) this.#ops.push({ ...key, seq, index: this.#length });
    apply(this.#state, decision.event, { seq, index: this.#length });
    this.#events.add(decision.event);
    this.#length += 1;
  }

  /** The row of what was added since the last one. */
  take(): Append {
    const expected = this.#head;
    const unhashed = {
      workspaceId: this.#workspaceId,
      seq: expected.seq + 1,
      batchId: randomUUID(),
      prevHash: expected.hash,
      atMs: this.#at,
      writer: "bench",
      codec: codecVersion,
      events: this.#events.text(),
    };
    const row = { ...unhashed, hash: hashRow(unhashed) };
    const append = { expected, row, ops: this.#ops, watched: [] };
    this.#head = { seq: row.seq, hash: row.hash };
    this.#events = new EventsWriter();
    this.#ops = [];
    this.#length = 0;
    this.#state.undo.forgetTo(this.#state.undo.mark());
    return append;
  }
}

/** Appends the rows of one workspace, in order; one is written while the next is made. */
export async function writeJournal(
  store: JournalStore,
  builder: JournalBuilder,
  commands: Iterable<{ command: Command; key?: { opId: string; fingerprint: string } }>,
): Promise<void> {
  let writing: Promise<void> | undefined;
  for (const { command, key } of commands) {
    builder.execute(command, key);
    if (builder.length < eventsPerRow) continue;
    await writing;
    writing = write(store, [builder.take()]);
  }
  await writing;
  if (builder.length > 0) await write(store, [builder.take()]);
}

/** Appends the first rows of many workspaces. */
export async function writeJournals(store: JournalStore, appends: Iterable<Append>): Promise<void> {
  let some: Append[] = [];
  for (const append of appends) {
    some.push(append);
    if (some.length < appendsPerStatement) continue;
    await write(store, some);
    some = [];
  }
  if (some.length > 0) await write(store, some);
}

async function write(store: JournalStore, appends: readonly Append[]): Promise<void> {
  for (const { kind } of await store.append(appends))
    if (kind !== "appended") throw new Error(`A row that the bench prepares was ${kind}`);
}
