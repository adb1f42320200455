/**
 * Owns one replay of a past: the workspace as it was when a period began, sharing its pool by one preset, and what it lets through of the
 * same demand. All that is decided is decided by the production rules.
 *
 * L1 a lane reads its arguments alone, and knows no clock: the same demand gives the same outcome, to the letter (F10).
 */
import {
  type Command,
  type Event,
  type FairnessPreset,
  type Instant,
  type Rejection,
  type State,
  type Surroundings,
  apply,
  balanceOf,
  credits,
  decide,
  emptyState,
  instant,
  lastAt,
  memberShare,
  nextDue,
} from "@cistern/kernel";
import { commandsBehind } from "./replayed-commands.ts";

/** Calls and the credits that they asked for, or used. */
export interface Tally {
  calls: number;
  credits: bigint;
}

/** What became of one member's demand. */
export interface MemberOutcome {
  readonly asked: Tally;
  /** Refused by the pool, or by how it is shared. */
  readonly denied: Tally;
  /** Refused by a limit, a policy or a status. */
  readonly limited: Tally;
  used: bigint;
}

/** A call that was refused, of which the hour is known. */
export interface RefusedAsk {
  readonly at: Instant;
  readonly id: string;
  readonly member: string;
  readonly credits: bigint;
}

/** What a lane is decided with. */
export type AroundAt = (at: Instant) => Surroundings;

/** See the file head. */
export class ReplayLane {
  readonly preset: FairnessPreset;
  readonly members = new Map<string, MemberOutcome>();
  readonly #state: State;
  readonly #around: AroundAt;
  #seq: number;

  /** From a state of which it makes its own copy, at the place in the journal that it stands on. */
  constructor(
    preset: FairnessPreset,
    start: { readonly state: State; readonly seq: number; readonly at: Instant },
    around: AroundAt,
  ) {
    this.preset = preset;
    this.#state = copyOf(start.state);
    this.#around = around;
    this.#seq = start.seq;
    this.#decide({ kind: "updateWorkspace", changes: { fairness: { preset } } }, start.at);
  }

  /** Asks again what became this fact, at its instant. */
  follow(event: Event): void {
    const commands = commandsBehind(event);
    if (commands === "left_out") return;
    for (const command of commands) this.#ask(command, event);
  }

  /** Asks what was refused; where it is let through it uses all that it asked for. */
  askAgain({ at, id, member, credits: asked }: RefusedAsk): void {
    const amount = { kind: "credits", credits: credits(asked) } as const;
    const call = { run: null, project: null, attributes: null, meter: null, model: null } as const;
    const outcome = outcomeIn(this.members, member);
    add(outcome.asked, asked);
    const rejection = this.#decide(
      { kind: "openHold", hold: id, member, amount, ttlMs: 60_000, ...call },
      at,
    );
    if (rejection !== undefined) return refuse(outcome, rejection, asked);
    const settled = { kind: "settleHold", hold: id, amount, outcome: null, isFinal: true } as const;
    this.#decide({ ...settled, fingerprint: null, recalled: null }, at);
    outcome.used += asked;
  }

  /** Brings it to an instant, and says what the pool has left then. */
  idleAt(at: Instant): bigint {
    this.#advance(at);
    return balanceOf(this.#state.pool).available;
  }

  /** A member's fair share, as it stands; undefined where the pool is not shared. */
  shareOf(member: string, at: Instant): bigint | undefined {
    return memberShare(this.#state, member, at)?.share;
  }

  #ask(command: Command, event: Event): void {
    count(this.members, event, this.#decide(command, event.at));
  }

  /** Why it was refused; undefined where it was not. */
  #decide(command: Command, asked: Instant): Rejection | undefined {
    const at = this.#advance(asked);
    const decision = decide(this.#state, command, at, this.#around(at));
    if (decision.kind === "rejected") return decision.rejection;
    this.#apply([...decision.ahead, decision.event, ...decision.notices]);
    return undefined;
  }

  #advance(asked: Instant): Instant {
    const at = instant(Math.max(asked, lastAt(this.#state)));
    const { calendar } = this.#around(at);
    for (;;) {
      const due = nextDue(this.#state, at, calendar);
      if (due === undefined) return at;
      this.#apply([due]);
    }
  }

  #apply(events: readonly Event[]): void {
    this.#seq += 1;
    for (const [index, event] of events.entries())
      apply(this.#state, event, { seq: this.#seq, index });
    this.#state.undo.forgetTo(this.#state.undo.mark());
  }
}

/** What became of one member's demand so far. */
export function outcomeIn(members: Map<string, MemberOutcome>, member: string): MemberOutcome {
  const known = members.get(member);
  if (known !== undefined) return known;
  const nothing = (): Tally => ({ calls: 0, credits: 0n });
  const fresh = { asked: nothing(), denied: nothing(), limited: nothing(), used: 0n };
  members.set(member, fresh);
  return fresh;
}

/** Counts what a fact asked for and used, or that it was refused where it was asked again. */
export function count(
  members: Map<string, MemberOutcome>,
  event: Event,
  rejection?: Rejection,
): void {
  if (!("path" in event) || isPurse(event)) return;
  const outcome = outcomeIn(members, event.path.member);
  const isDone = rejection === undefined;
  switch (event.kind) {
    case "hold.opened":
    case "hold.extended":
      add(outcome.asked, event.credits);
      if (!isDone) refuse(outcome, rejection, event.credits);
      return;
    case "usage.debited":
      add(outcome.asked, event.charged);
      if (isDone) outcome.used += event.charged;
      return;
    case "hold.settled":
      if (isDone) outcome.used += event.charged;
      return;
    case "usage.refunded":
      if (isDone) outcome.used -= event.credits;
      return;
    case "hold.released":
      return;
  }
}

/** What a run sets aside for its calls, which are asked for each. */
const isPurse = (event: Event): boolean =>
  (event.kind === "hold.opened" && event.opens !== undefined) ||
  (event.kind === "hold.extended" && event.raises !== undefined);

/** A state of its own with the same rows (S2). */
function copyOf(state: State): State {
  const copy = emptyState();
  const tables = new Map(copy.tables.map((table) => [table.name, table]));
  for (const table of state.tables) {
    const own = tables.get(table.name);
    for (const [key, row] of table.entries()) own?.restore(key, row);
  }
  return copy;
}

/** What the pool, or its sharing, refuses: all else is no matter of presets. */
const denials: ReadonlySet<string> = new Set<Rejection["code"]>([
  "pool_exhausted",
  "credits_held",
  "spend_cap_reached",
  "never_this_period",
  "reserved_for_others",
  "borrow_limit",
  // More for a call that was denied.
  "unknown_hold",
]);

/** Whether a code is of the pool, or of how it is shared. */
export const isDenial = (code: string): boolean => denials.has(code);

function refuse(outcome: MemberOutcome, { code }: Rejection, asked: bigint): void {
  add(isDenial(code) ? outcome.denied : outcome.limited, asked);
}

/** Adds calls that asked for so much together. */
export function add(tally: Tally, asked: bigint, calls: number = 1): void {
  tally.calls += calls;
  tally.credits += asked;
}
