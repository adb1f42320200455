/** A workspace of the production kernel for one period, driven as an engine drives it: what is due, then the command, then its events. */
import {
  type Command,
  type Decision,
  type Event,
  type FairnessPreset,
  type LimitRule,
  type MemberShare,
  type Rejection,
  type State,
  apply,
  credits,
  decide,
  emptyState,
  instant,
  memberShare,
  money,
  nextDue,
} from "@cistern/kernel";
import { createCalendar } from "../../../packages/server/src/host/index.ts";
import type { SharedPool } from "./pool.ts";
import { type Request, periodMs } from "./workload.ts";

/** When every period starts: a month of 30 days, so that caps by the month are caps by the period. */
export const startMs: number = Date.UTC(2026, 3, 1);

/** What a workspace is made of. */
export interface Setup {
  /** People, each of one seat, named by `memberName`. */
  readonly members: number;
  /** The home of a member; left out: none has one. */
  readonly homeOf?: (index: number) => string | null;
  /** Micro-credits. */
  readonly budget: bigint;
  /** Left out: first come, first served. */
  readonly preset?: FairnessPreset;
  /** A limit that each member has. */
  readonly eachMember?: LimitRule;
  /** What else is done before the credits come and the period opens. */
  readonly before?: readonly Command[];
}

const calendar = createCalendar();
const around = { calendar, rateCard: { id: "none", rows: [] } };

/** The name of a member by its number; sorted as numbered. */
export const memberName = (index: number): string => `m${String(index).padStart(3, "0")}`;

/** One workspace, its pool granted at the start and over at the end of the period. */
export class KernelWorkspace implements SharedPool {
  readonly state: State = emptyState();
  /** Told of every event that is applied. */
  onEvent: (event: Event) => void = () => {};
  #seq = 0;
  #holds = 0;

  constructor(setup: Setup) {
    for (const command of commandsOf(setup)) this.mustRun(command, 0);
  }

  /** Decides a command at so many milliseconds of the period, and applies what was accepted. */
  run(command: Command, atMs: number): Decision {
    const at = instant(startMs + atMs);
    this.passTo(atMs);
    const decision = decide(this.state, command, at, around);
    if (decision.kind === "accepted")
      this.#append([...decision.ahead, decision.event, ...decision.notices]);
    return decision;
  }

  mustRun(command: Command, atMs: number): Event {
    const decision = this.run(command, atMs);
    if (decision.kind === "rejected")
      throw new Error(`${command.kind} was refused: ${decision.rejection.code}`);
    return decision.event;
  }

  /** All that happens by itself up to an instant. */
  passTo(atMs: number): void {
    const at = instant(startMs + atMs);
    for (;;) {
      const due = nextDue(this.state, at, calendar);
      if (due === undefined) return;
      this.#append([due]);
    }
  }

  /** What would be decided about a request, without doing anything: nothing may be due before. */
  wouldRefuse(member: string, amount: bigint, atMs: number): Rejection | undefined {
    const at = instant(startMs + atMs);
    const decision = decide(this.state, holdOf("asked", member, amount), at, around);
    return decision.kind === "rejected" ? decision.rejection : undefined;
  }

  /** Where a member stands. */
  share(member: string, atMs: number): MemberShare {
    const share = memberShare(this.state, member, instant(startMs + atMs));
    if (share === undefined) throw new Error(`${member} has no share of the pool`);
    return share;
  }

  /** Opens a hold, or says why it was refused. */
  hold(member: string, amount: bigint, atMs: number): { id: string; refused?: Rejection } {
    const id = `h${(this.#holds += 1)}`;
    const decision = this.run(holdOf(id, member, amount), atMs);
    return decision.kind === "rejected" ? { id, refused: decision.rejection } : { id };
  }

  settle(hold: string, amount: bigint, atMs: number): void {
    this.mustRun(
      {
        kind: "settleHold",
        hold,
        amount: { kind: "credits", credits: credits(amount) },
        isFinal: true,
        outcome: null,
        fingerprint: null,
        recalled: null,
      },
      atMs,
    );
  }

  spend({ member, credits: amount, atMs }: Request): boolean {
    return this.use(memberName(member), amount, atMs) === undefined;
  }

  /** Holds and uses all of it at once; a refusal where there was one. */
  use(member: string, amount: bigint, atMs: number): Rejection | undefined {
    const { id, refused } = this.hold(member, amount, atMs);
    if (refused === undefined) this.settle(id, amount, atMs);
    return refused;
  }

  #append(events: readonly Event[]): void {
    this.#seq += 1;
    for (const [index, event] of events.entries()) {
      apply(this.state, event, { seq: this.#seq, index });
      this.onEvent(event);
    }
  }
}

const holdOf = (hold: string, member: string, amount: bigint): Command => ({
  kind: "openHold",
  hold,
  member,
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(amount) },
  ttlMs: 60_000,
  run: null,
  project: null,
  attributes: null,
});

function* commandsOf({
  members,
  homeOf = () => null,
  budget,
  preset = "off",
  eachMember,
  before = [],
}: Setup): Generator<Command> {
  yield {
    kind: "createWorkspace",
    workspace: {
      id: "team",
      timeZone: "UTC",
      currency: "EUR",
      overage: { kind: "deny" },
      overrun: "draw_more_then_debt",
      members: "known",
      guestsMax: 0,
      fairness: { preset },
    },
  };
  const everybody = Array.from({ length: members }, (_, index) => index);
  for (const group of new Set(everybody.flatMap((index) => homeOf(index) ?? [])))
    yield { kind: "putGroup", group };
  for (const index of everybody) yield person(memberName(index), homeOf(index));
  yield* before;
  if (eachMember !== undefined)
    yield { kind: "putLimit", limit: "each", scope: { kind: "eachMember" }, rule: eachMember };
  yield grantOf("pool", budget, periodMs);
}

/** A person of one seat. */
export const person = (member: string, home: string | null = null): Command => ({
  kind: "putMember",
  member,
  memberKind: "person",
  groups: home === null ? [] : [home],
  home,
  sponsor: null,
});

/** An agent that shares the weight of whom it acts for. */
export const agentOf = (sponsor: string, member: string): Command => ({
  kind: "putMember",
  member,
  memberKind: "agent",
  groups: [],
  home: null,
  sponsor,
});

/** Paid credits that end so many milliseconds after the period's start. */
export const grantOf = (grant: string, amount: bigint, endMs: number): Command => ({
  kind: "grant",
  grant,
  credits: credits(amount),
  source: "purchase",
  cost: money(1_000_000n),
  currency: null,
  priority: 50,
  effectiveAt: null,
  expiresAt: instant(startMs + endMs),
  appliesTo: null,
  reference: null,
});
