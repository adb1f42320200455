/**
 * Owns how requests become one append: what is due comes first, then each request is decided on what those before it left.
 *
 * B1 before every command all that is due up to its instant has happened (RULES 10, 11). B2 the instant of a decision is that
 * of its turn, never before the last event (RULES 21). B3 nothing of a batch leaves before it is proven; the lane sees to that.
 */
import type {
  Calendar,
  Command,
  Decision,
  Event,
  Instant,
  Position,
  PriorAnswer,
  RateCard,
  State,
  Surroundings,
} from "@cistern/kernel";
import { EventsWriter, type OpRow } from "../journal/index.ts";
import type { CommandEntry, Entry } from "./entry.ts";
import type { RecalledHolds } from "./recalled-holds.ts";
import type { RememberedKeys } from "./remembered-keys.ts";
import type { Replica } from "./replica.ts";
import type { Rules } from "./rules.ts";

/** What a batch is formed with. */
export interface BatchAround {
  readonly rules: Rules;
  readonly calendar: Calendar;
  readonly rateCard: (at: Instant) => RateCard;
  readonly rateCardNamed: (name: string, at: Instant) => RateCard | undefined;
  readonly rateCardOf: (id: string) => RateCard | undefined;
  readonly keys: RememberedKeys;
  readonly recalled: RecalledHolds;
  readonly batchDueMax: number;
  readonly batchBytesMax: number;
}

/** See the file head. Mutable until it is proven or undone. */
export class Batch {
  /** The seq of the row that it will be, if it has events. */
  readonly seq: number;
  readonly events: Event[] = [];
  /** The text of the events. */
  readonly written: EventsWriter = new EventsWriter();
  /** Keys that this batch accepts. */
  readonly ops: OpRow[] = [];
  /** Keys of what it refuses: to be proven free. */
  readonly watched: string[] = [];
  /** Requests that it answers. */
  readonly entries: Entry[] = [];
  /**
   * Requests that may be about a hold that memory no longer has. The journal is asked once this batch is durable, since only
   * durable rows say what a hold is.
   */
  readonly toRecall: CommandEntry[] = [];
  /** When something happens by itself next, once it has happened; infinite where nothing will. Known when it leaves. */
  nextDueAtMs: number = Number.POSITIVE_INFINITY;
  /** The last event before this batch. */
  readonly #after: Position;
  readonly #replica: Replica;
  readonly #around: BatchAround;
  #at: Instant;
  #dueRan = 0;
  #priced: Surroundings;
  #pricedAt: Instant;
  /** The subscription, and the instant, that were looked at for prices which have moved on. */
  #toldOf: State["subscriptions"]["live"]["row"];
  #toldAt: Instant | undefined;

  /** `before`: the batch in flight that this one is decided upon. */
  constructor(replica: Replica, before: Batch | undefined, around: BatchAround) {
    this.#replica = replica;
    this.#around = around;
    this.#after = before === undefined ? replica.position : before.position;
    this.seq = this.#after.seq + 1;
    this.#at = replica.instantAt(0);
    this.#pricedAt = this.#at;
    const { calendar, rateCard, rateCardNamed, rateCardOf } = around;
    this.#priced = {
      calendar,
      rateCard: rateCard(this.#at),
      rateCardNamed: (name) => rateCardNamed(name, this.#at),
      rateCardThen: (name, at) => (name === null ? rateCard(at) : rateCardNamed(name, at)),
      rateCardOf,
    };
  }

  /** The instant of the latest decisions. */
  get at(): Instant {
    return this.#at;
  }

  /** The last event so far, of this batch or before it. */
  get position(): Position {
    const { length } = this.events;
    return length === 0 ? this.#after : { seq: this.seq, index: length - 1 };
  }

  /** Moves the instant on, so that it is never older than the requests that are taken next. */
  advanceTo(now: number): void {
    const at = this.#replica.instantAt(now);
    if (at > this.#at) this.#at = at;
  }

  get workspaceId(): string {
    return this.#replica.workspaceId;
  }

  /** Whether there is nothing to append, prove or answer. */
  get isEmpty(): boolean {
    return this.events.length === 0 && this.entries.length === 0;
  }

  get isFull(): boolean {
    return this.written.bytes >= this.#around.batchBytesMax;
  }

  /** Carries out what is due, and tells of prices that have moved on since; false when more is due than one append carries. */
  runDue(): boolean {
    const { rules, calendar, batchDueMax } = this.#around;
    const { state } = this.#replica;
    while ((rules.nextDueAt(state) ?? Number.POSITIVE_INFINITY) <= this.at) {
      if (this.#dueRan >= batchDueMax) return false;
      const event = rules.nextDue(state, this.at, calendar);
      if (event === undefined) break;
      this.#add(event);
      this.#dueRan += 1;
    }
    this.#tellOfPrices();
    return true;
  }

  /** Prices move on with time and with the plan, so it is asked again where one of these has. */
  #tellOfPrices(): void {
    const { state } = this.#replica;
    const { row: live } = state.subscriptions.live;
    if (live === this.#toldOf && this.at === this.#toldAt) return;
    const told = this.#around.rules.cardMovedOn(state, this.at, this.#surroundings());
    if (told !== undefined) this.#add(told);
    this.#toldOf = live;
    this.#toldAt = this.at;
  }

  /** Decides one request. */
  take(entry: Entry): void {
    if (entry.kind === "command") return this.#takeCommand(entry);
    entry.ask(this.#replica.state, this.at, this.position);
    this.entries.push(entry);
  }

  /** The prices of this instant: most batches have one. */
  #surroundings(): Surroundings {
    if (this.#pricedAt !== this.at) {
      this.#priced = { ...this.#priced, rateCard: this.#around.rateCard(this.at) };
      this.#pricedAt = this.at;
    }
    return this.#priced;
  }

  #takeCommand(entry: CommandEntry): void {
    const { opId, fingerprint } = entry.request;
    const command = withRecalled(entry);
    const prior = this.#priorOf(opId, command);
    if (prior !== undefined) {
      const { position, fingerprint: first } = prior;
      entry.verdict = { kind: "prior", position, isSame: first === null || first === fingerprint };
      this.entries.push(entry);
      return;
    }
    const { rules } = this.#around;
    const decision = rules.decide(this.#replica.state, command, this.at, this.#surroundings());
    if (decision.kind === "accepted") return this.#accept(entry, decision);
    const { rejection } = decision;
    if (rejection.code === "unknown_hold" && mayBeRecalled(entry)) {
      this.#around.recalled.expect(entry, rejection.hold);
      this.toRecall.push(entry);
      return;
    }
    entry.verdict = { kind: "rejected", rejection, at: this.position, decidedAt: this.at };
    if (opId !== null) this.watched.push(opId);
    this.entries.push(entry);
  }

  #priorOf(opId: string | null, command: Command): PriorAnswer | undefined {
    const { rules, keys } = this.#around;
    if (opId === null) return rules.priorAnswer(this.#replica.state, command);
    const op = keys.get(opId);
    if (op === undefined) return undefined;
    return { position: { seq: op.seq, index: op.index }, fingerprint: op.fingerprint };
  }

  #accept(entry: CommandEntry, decision: Extract<Decision, { readonly kind: "accepted" }>): void {
    const { opId, fingerprint } = entry.request;
    const { event } = decision;
    for (const notice of decision.ahead) this.#add(notice);
    const index = this.events.length;
    this.#add(event);
    for (const notice of decision.notices) this.#add(notice);
    if (opId !== null) {
      const op = { opId, fingerprint: fingerprint ?? "", seq: this.seq, index };
      this.ops.push(op);
      this.#around.keys.add(op);
    }
    entry.verdict = { kind: "accepted", index, event };
    this.entries.push(entry);
  }

  /** An event, and what is told of the balance that it leads to. */
  #add(event: Event): void {
    const told = this.#around.rules.balanceTold(this.#replica.state, event);
    this.#append(event);
    if (told !== undefined) this.#append(told);
  }

  #append(event: Event): void {
    this.#replica.apply(event, { seq: this.seq, index: this.events.length });
    this.events.push(event);
    this.written.add(event);
  }
}

function withRecalled(entry: CommandEntry): Command {
  const { command } = entry.request;
  const { recalled } = entry;
  if (recalled?.hold === undefined || recalled.isStale || !("recalled" in command)) return command;
  return { ...command, recalled: recalled.hold };
}

/** Whether the journal was not asked for this hold yet, or something happened to it since. */
function mayBeRecalled({ request, recalled }: CommandEntry): boolean {
  return "recalled" in request.command && (recalled === undefined || recalled.isStale);
}
