/**
 * Owns the state of one workspace in memory, and which row of the journal it stands on.
 *
 * P1 `head` is a durable row; what was applied after it is in the undo log, and `undo` takes it back.
 * P2 a row is applied only as the next one of the chain, with the hash that it says (H1, H2).
 */
import {
  type Event,
  type Instant,
  type Position,
  type State,
  instant,
  lastAt,
} from "@cistern/kernel";
import {
  type ChainBreach,
  type Head,
  type JournalRow,
  decodeEvents,
  genesisHead,
  verifyRow,
} from "../journal/index.ts";
import { StatePages } from "./snapshots/state-pages.ts";
import type { Rules } from "./rules.ts";

/** A row that is not the next one of the chain. */
class ChainBroken extends Error {
  override readonly name = "ChainBroken";
  readonly seq: number;
  readonly breach: ChainBreach;

  constructor(row: JournalRow, breach: ChainBreach) {
    super(
      `Row ${row.workspaceId}/${row.seq} breaks the chain: its ${breach} is not what it must be.`,
    );
    this.seq = row.seq;
    this.breach = breach;
  }
}

/** Heads that a replica remembers, to tell what a lost tail took along. */
const recentHeadsMax = 256;

/** See the file head. */
export class Replica {
  readonly workspaceId: string;
  readonly state: State;
  readonly pages: StatePages;
  readonly #rules: Rules;
  #head: Head = genesisHead;
  /** Index of the last event of the row at the head. */
  #lastIndex = 0;
  #recentHeads: Head[] = [genesisHead];
  /** Durable events since the last snapshot. */
  eventsUnsaved = 0;

  constructor(workspaceId: string, rules: Rules) {
    this.workspaceId = workspaceId;
    this.#rules = rules;
    this.state = rules.emptyState();
    this.pages = new StatePages(this.state.tables);
  }

  get head(): Head {
    return this.#head;
  }

  /** The last durable event. */
  get position(): Position {
    return { seq: this.#head.seq, index: this.#lastIndex };
  }

  /** Durable heads that this replica has stood on, oldest first; the last is the head. */
  get recentHeads(): readonly Head[] {
    return this.#recentHeads;
  }

  get rows(): number {
    let rows = 0;
    for (const table of this.state.tables) rows += table.size;
    return rows;
  }

  /** The instant of a decision: never before the last event (RULES 21). */
  instantAt(now: number): Instant {
    return instant(Math.max(lastAt(this.state), now));
  }

  /** Takes the place of a snapshot whose rows were put back. */
  startAt(head: Head, lastIndex: number): void {
    this.#recentHeads = [];
    this.#standOn(head);
    this.#lastIndex = lastIndex;
    this.eventsUnsaved = 0;
  }

  /** Applies an event that is not durable yet, at the place that it will have. */
  apply(event: Event, position: Position): void {
    this.#rules.apply(this.state, event, position);
  }

  /** A row is durable, and what was applied up to `mark` of the undo log with it. */
  commit(head: Head, events: number, mark: number): void {
    this.state.undo.forgetTo(mark);
    this.#standOn(head);
    this.#lastIndex = events - 1;
    this.eventsUnsaved += events;
  }

  /** Takes back all that was applied and is not durable. */
  undo(): void {
    this.state.undo.undoTo(0);
  }

  /** Applies a row that is durable already; throws `ChainBroken` when it is not the next one. Answers how many events it has. */
  follow(row: JournalRow): number {
    const breach = verifyRow(row, this.#head);
    if (breach !== undefined) throw new ChainBroken(row, breach);
    const events = decodeEvents<Event>(row.events, row.codec);
    const { seq, hash } = row;
    for (const [index, event] of events.entries()) this.apply(event, { seq, index });
    this.commit({ seq, hash }, events.length, this.state.undo.mark());
    return events.length;
  }

  #standOn(head: Head): void {
    this.#head = head;
    this.#recentHeads.push(head);
    if (this.#recentHeads.length >= 2 * recentHeadsMax) this.#recentHeads.splice(0, recentHeadsMax);
  }
}
