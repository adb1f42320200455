/**
 * Owns how one consumer gets what it has not had of one workspace.
 *
 * D1 in order and at least once: the place moves after the delivery, and only under the claim. D2 a failure holds up this workspace of this consumer and
 * nothing else. D3 a place that the journal does not know is reported, and delivery goes on from the newest place that it does know (RULES 24).
 */
import type { CloudEvent } from "@cistern/contract";
import type { EngineClock } from "../engine/index.ts";
import type { Batch, Consumer, Outcome } from "./consumer.ts";
import type { Claim, Cursor, CursorRows } from "./cursor-rows.ts";
import type { Fact, ReadFacts } from "./facts.ts";
import type { OutboundLogEntry } from "./log.ts";
import { type Place, startPlace, trailWith } from "./place.ts";

/** What carrying stands on. */
export interface CarryAround {
  readonly rows: CursorRows;
  readonly facts: ReadFacts;
  readonly clock: EngineClock;
  readonly node: string;
  /** A claim outlasts the longest delivery by this much, so that its end is noted before another node begins. */
  readonly claimSlackMs: number;
  /** The node, or the consumer, ends: what is under way is given up. */
  readonly ending: AbortSignal;
  readonly log: (entry: OutboundLogEntry) => void;
  readonly told: {
    readonly delivered: (events: number) => void;
    /** It holds this workspace up. */
    readonly failed: (reason: string) => void;
    readonly away: (reason: string) => void;
    readonly placeLost: () => void;
  };
}

/** What is left to do. */
export type Carried =
  | { readonly kind: "done" }
  /** There is more already. */
  | { readonly kind: "again" }
  /** The consumer takes nothing of any workspace: whoever drives it says when. */
  | { readonly kind: "away" }
  | { readonly kind: "later"; readonly atMs: number };

const readEventsMax = 200;

/** See the file head. Rejects with what the database or the engine met; the claim then ends by itself, or with the next. */
export async function carry(
  workspaceId: string,
  consumer: () => Consumer,
  around: CarryAround,
): Promise<Carried> {
  const { rows, clock, node, claimSlackMs } = around;
  const { name, deliverMsMax, sinceMs } = consumer();
  const claim: Claim = { workspaceId, consumer: name, node };
  const nowMs = clock.now();
  const untilMs = nowMs + deliverMsMax + claimSlackMs;
  const cursor = await rows.claim(claim, { nowMs, untilMs, sinceMs });
  if (cursor === undefined) return { kind: "done" };
  try {
    return await new Carrier(claim, consumer, around).run(cursor);
  } catch (error) {
    await rows.release(claim, false).catch(() => {});
    throw error;
  }
}

/** Mutable: where it stands. */
class Carrier {
  readonly #claim: Claim;
  /** Its settings may change meanwhile. */
  readonly #consumerNow: () => Consumer;
  readonly #around: CarryAround;
  #place: Place = startPlace;
  #trail: readonly Place[] = [];
  #fromMs: number | undefined;
  #failures = 0;

  constructor(claim: Claim, consumer: () => Consumer, around: CarryAround) {
    this.#claim = claim;
    this.#consumerNow = consumer;
    this.#around = around;
  }

  get #consumer(): Consumer {
    return this.#consumerNow();
  }

  async run(cursor: Cursor): Promise<Carried> {
    const { facts, ending } = this.#around;
    const { workspaceId } = this.#claim;
    this.#failures = cursor.failures;
    this.#fromMs = cursor.fromMs;
    this.#trail = cursor.trail;
    this.#place = await this.#begin(cursor);
    while (!ending.aborted) {
      const page = await facts(workspaceId, this.#place, readEventsMax);
      switch (page.kind) {
        case "unknown_workspace":
          return await this.#release(false);
        case "cursor_lost":
          if (!(await this.#stepBack())) return await this.#handBack();
          break;
        case "page": {
          if (page.facts.length === 0) return await this.#release(true);
          const ended = await this.#deliverAll(page.facts);
          if (ended !== undefined) return ended;
        }
      }
    }
    return await this.#release(false);
  }

  /** A replay begins at its instant, but never beyond what was not delivered yet. */
  async #begin({ place, fromMs }: Cursor): Promise<Place> {
    if (fromMs === undefined) return place;
    const { workspaceId } = this.#claim;
    const before = (await this.#around.rows.placeBefore(workspaceId, fromMs)) ?? startPlace;
    const isFirst = place.seq === 0;
    return isFirst || before.seq < place.seq ? before : place;
  }

  async #deliverAll(facts: readonly Fact[]): Promise<Carried | undefined> {
    for (const { events, place } of batches(facts, this.#consumer)) {
      if (this.#around.ending.aborted) return await this.#release(false);
      const [first, ...rest] = events;
      if (first !== undefined) {
        const outcome = await this.#deliver([first, ...rest]);
        if (outcome.kind === "stopped") return await this.#release(false);
        if (outcome.kind === "away") return await this.#away(outcome.reason);
        if (outcome.kind === "failed") return await this.#failed(outcome);
        this.#around.told.delivered(events.length);
      }
      if (!(await this.#moveTo(place))) return await this.#handBack();
    }
    return undefined;
  }

  /** Ends in time, whatever the consumer does. */
  async #deliver(events: Batch["events"]): Promise<Outcome> {
    const { clock, ending } = this.#around;
    const consumer = this.#consumer;
    const tooLong = new AbortController();
    const signal = AbortSignal.any([tooLong.signal, ending]);
    const { workspaceId } = this.#claim;
    const attempt = this.#failures + 1;
    let cancel = (): void => {};
    let giveUp = (): void => {};
    const overdue = new Promise<Outcome>((resolve) => {
      giveUp = () => resolve({ kind: "failed", reason: "The node ends." });
      ending.addEventListener("abort", giveUp);
      cancel = clock.after(consumer.deliverMsMax, () => {
        tooLong.abort();
        cancel = clock.after(givesUpMs, () => {
          resolve({ kind: "failed", reason: `It took longer than ${consumer.deliverMsMax} ms.` });
        });
      });
    });
    try {
      return await Promise.race([
        consumer.deliver({ workspaceId, events, attempt, signal }),
        overdue,
      ]);
    } catch (error) {
      return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    } finally {
      cancel();
      ending.removeEventListener("abort", giveUp);
    }
  }

  async #failed({ reason, pauseMs = 0 }: Outcome & { readonly kind: "failed" }): Promise<Carried> {
    const { rows, clock, ending, told } = this.#around;
    // What was given up because the node ends is nobody's failure.
    if (ending.aborted) return await this.#release(false);
    const pause = Math.max(pauseMs, this.#consumer.retryMs(this.#failures + 1));
    const atMs = clock.now() + Math.ceil(pause);
    await rows.failed(this.#claim, atMs);
    told.failed(reason);
    return { kind: "later", atMs };
  }

  /** It is no failure of this workspace: once the consumer is back it is due at once. */
  async #away(reason: string): Promise<Carried> {
    const { rows, ending, told } = this.#around;
    await rows.release(this.#claim, false);
    if (ending.aborted) return { kind: "done" };
    told.away(reason);
    return { kind: "away" };
  }

  /** D3. */
  async #stepBack(): Promise<boolean> {
    const { facts, log, told } = this.#around;
    const { workspaceId, consumer } = this.#claim;
    const lost = this.#place;
    let found = startPlace;
    for (const place of this.#trail) {
      if (place.seq >= lost.seq && place.hash === lost.hash) continue;
      const page = await facts(workspaceId, place, 1);
      if (page.kind !== "page") continue;
      found = place;
      break;
    }
    told.placeLost();
    log({
      level: "error",
      code: "outbound_place_lost",
      workspaceId,
      consumer,
      message: `The journal of ${workspaceId} no longer holds row ${lost.seq} (${lost.hash}), which ${consumer} has: a failover lost its tail. Delivery goes on after row ${found.seq}; ids tell which events are new.`,
    });
    this.#trail = this.#trail.filter(({ seq }) => seq <= found.seq);
    return await this.#moveTo(found);
  }

  async #moveTo(place: Place): Promise<boolean> {
    const { rows, clock, claimSlackMs } = this.#around;
    const trail = trailWith(place, this.#trail);
    const untilMs = clock.now() + this.#consumer.deliverMsMax + claimSlackMs;
    const isMoved = await rows.advance(this.#claim, {
      place,
      trail,
      untilMs,
      fromMs: this.#fromMs,
    });
    if (!isMoved) return false;
    this.#place = place;
    this.#trail = trail;
    this.#fromMs = undefined;
    this.#failures = 0;
    return true;
  }

  /** Somebody else has the claim by now, or asked for a replay. */
  async #handBack(): Promise<Carried> {
    await this.#around.rows.release(this.#claim, false);
    return { kind: "again" };
  }

  async #release(isRowDone: boolean): Promise<Carried> {
    const { rows, ending } = this.#around;
    // Nothing was after the place at which a replay began: it is kept as the place.
    if (isRowDone && this.#fromMs !== undefined) await this.#moveTo(this.#place);
    const isBehind = await rows.release(this.#claim, isRowDone);
    return isRowDone && isBehind && !ending.aborted ? { kind: "again" } : { kind: "done" };
  }
}

/** A consumer that does not listen to the signal gets so long more. */
const givesUpMs = 1_000;

interface Slice {
  readonly events: readonly CloudEvent[];
  /** Where the consumer stands when it has them: behind what it does not want, too. */
  readonly place: Place;
}

/** Batches of what the consumer wants; the last one may be empty, when it wants nothing more of these. */
function* batches(
  facts: readonly Fact[],
  { wants = () => true, batchEventsMax }: Consumer,
): Generator<Slice> {
  let events: CloudEvent[] = [];
  let place: Place | undefined;
  for (const fact of facts) {
    const isWanted = wants(fact.event);
    if (isWanted && events.length >= batchEventsMax && place !== undefined) {
      yield { events, place };
      events = [];
    }
    if (isWanted) events.push(fact.event);
    place = fact.place;
  }
  if (place !== undefined) yield { events, place };
}
