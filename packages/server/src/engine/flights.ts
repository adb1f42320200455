/**
 * Owns the batches of one workspace that are being proven, oldest first.
 *
 * T1 they land in the order in which they left, whatever order their answers come in. T2 a batch leaves ahead of the answer to the
 * one before it only as an append behind an append: it expects the row of that one, so it cannot happen without it. T3 one that left
 * ahead and was fenced may have come too early, or may come again: once the one before it has happened it is sent again, and so it
 * either happens or never will. Only then its requests may be decided afresh.
 */
import { type Append, genesisHead, type Head } from "../journal/index.ts";
import type { Batch } from "./batch.ts";
import type { LaneAround } from "./lane-around.ts";
import { type Proof, appendOf, proveAppend, proveHead } from "./prove-batch.ts";
import type { Replica } from "./replica.ts";

/** How a batch came down: with a proof, or the store did not tell. */
export type Landing = Proof | { readonly kind: "failed"; readonly error: unknown };

/** A batch on its way. Mutable until it has landed. */
export interface Flight {
  readonly batch: Batch;
  /** Where the undo log stands behind it. */
  mark: number;
  /** The append that left before the one ahead of it was answered. */
  ahead: Append | undefined;
  landing: Landing | undefined;
}

/** See the file head. */
export class Flights {
  readonly #around: LaneAround;
  readonly #onLanding: () => void;
  #inAir: Flight[] = [];
  /** The head that the last of them makes. */
  #tip: Head = genesisHead;

  constructor(around: LaneAround, onLanding: () => void) {
    this.#around = around;
    this.#onLanding = onLanding;
  }

  get count(): number {
    return this.#inAir.length;
  }

  /** Oldest first. */
  get batches(): readonly Batch[] {
    return this.#inAir.map((flight) => flight.batch);
  }

  /** What a further batch is decided upon. */
  get last(): Batch | undefined {
    return this.#inAir.at(-1)?.batch;
  }

  /** T2: whether this batch may leave before the one in the air has landed. */
  mayGoAhead(batch: Batch): boolean {
    const { store, flusher } = this.#around;
    const [first, second] = this.#inAir;
    if (first === undefined || second !== undefined || store.keepsOrder !== true) return false;
    // With appends of others in the same statement it would not be behind its own, but beside it.
    return first.batch.events.length > 0 && batch.events.length > 0 && flusher.isAlone;
  }

  send(batch: Batch, replica: Replica): void {
    const { flusher } = this.#around;
    const isAhead = this.#inAir.length > 0;
    const expected = isAhead ? this.#tip : replica.head;
    const mark = replica.state.undo.mark();
    const flight: Flight = { batch, mark, ahead: undefined, landing: undefined };
    this.#inAir.push(flight);
    if (batch.events.length === 0)
      return this.#follow(flight, proveHead(batch, expected, this.#around));
    const append = appendOf(batch, expected, this.#around);
    this.#tip = { seq: append.row.seq, hash: append.row.hash };
    if (isAhead) flight.ahead = append;
    this.#follow(flight, proveAppend(append, batch, this.#around, flusher.append(append)));
  }

  /** The oldest, once it has landed; it stays until `drop`. */
  get landed(): { readonly flight: Flight; readonly landing: Landing } | undefined {
    const [flight] = this.#inAir;
    return flight?.landing === undefined ? undefined : { flight, landing: flight.landing };
  }

  /** The oldest is durable: what it did can no longer be taken back. */
  drop(): void {
    const mark = this.#inAir.shift()?.mark ?? 0;
    for (const flight of this.#inAir) flight.mark -= mark;
    this.#sendAgain();
  }

  /** None of them counts any more; what still comes in is not listened to. */
  clear(): void {
    this.#inAir = [];
  }

  #follow(flight: Flight, proof: Promise<Proof>): void {
    void proof.then(
      (landing) => this.#land(flight, landing),
      (error: unknown) => this.#land(flight, { kind: "failed", error }),
    );
  }

  #land(flight: Flight, landing: Landing): void {
    flight.landing = landing;
    if (this.#inAir[0] !== flight) return;
    this.#sendAgain();
    if (flight.landing !== undefined) this.#onLanding();
  }

  /** T3, for the oldest. */
  #sendAgain(): void {
    const [flight] = this.#inAir;
    if (flight?.landing?.kind !== "behind" || flight.ahead === undefined) return;
    const { flusher } = this.#around;
    const append = flight.ahead;
    flight.ahead = undefined;
    flight.landing = undefined;
    this.#follow(
      flight,
      proveAppend(append, flight.batch, this.#around, flusher.appendAgain(append)),
    );
  }
}
