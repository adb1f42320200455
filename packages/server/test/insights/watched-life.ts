/** A workspace that lives by commands, in memory, and is watched event by event. */
import assert from "node:assert/strict";
import {
  type AlertGrade,
  type Command,
  type Event,
  apply,
  credits,
  decide,
  emptyState,
  instant,
  money,
  nextDue,
} from "@cistern/kernel";
import { createCalendar } from "../../src/host/index.ts";
import {
  type Crossing,
  type Measure,
  WorkspaceWatch,
  spendersIn,
  unwatched,
} from "../../src/insights/index.ts";

const calendar = createCalendar();
const around = { calendar, rateCard: { id: "none", rows: [] } };
export const hourMs: number = 60 * 60_000;
export const dayMs: number = 24 * hourMs;

/** Whose call, for how much, and what the caller says of it. */
export interface Call {
  readonly member: string;
  readonly credits: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** See the file head. Midnight of a Monday is its beginning. */
export class WatchedLife {
  at: number = Date.UTC(2026, 2, 2);
  readonly crossings: Crossing[] = [];
  readonly measures: Measure[] = [];
  readonly events: Event[] = [];
  readonly #state = emptyState();
  readonly #watch = new WorkspaceWatch(unwatched, new Map(), calendar);
  #seq = 0;
  #made = 0;

  constructor(most: AlertGrade) {
    this.run({
      kind: "createWorkspace",
      workspace: {
        id: "acme",
        timeZone: "UTC",
        currency: "EUR",
        overage: { kind: "deny" },
        overrun: "draw_more_then_debt",
        members: "open",
        guestsMax: 1_000,
      },
    });
    this.run({
      kind: "grant",
      grant: "grt_1",
      credits: whole(1_000_000),
      source: "purchase",
      cost: money(0n),
      currency: null,
      priority: 50,
      effectiveAt: null,
      expiresAt: null,
      appliesTo: null,
      reference: null,
    });
    const watch = { kind: "unusual", most } as const;
    this.run({
      kind: "putAlertRule",
      rule: { id: "odd", watch, recipients: [{ id: "eve", quiet: null }] },
    });
  }

  /** Moves on to an hour of a day, counted from the beginning. */
  to(day: number, hour = 0): void {
    this.at = Date.UTC(2026, 2, 2) + day * dayMs + hour * hourMs;
  }

  put(member: string, memberKind: "person" | "agent" | "key", sponsor: string | null = null): void {
    this.run({ kind: "putMember", member, memberKind, groups: [], home: null, sponsor });
  }

  /** Uses credits by a hold that is settled at once. */
  use(call: Call): void {
    this.settle(this.open(call), call.credits);
  }

  open({ member, credits: amount, attributes = {} }: Call): string {
    const hold = `hld_${(this.#made += 1)}`;
    this.run({
      kind: "openHold",
      hold,
      member,
      meter: null,
      model: null,
      amount: { kind: "credits", credits: whole(amount) },
      ttlMs: hourMs,
      run: null,
      project: null,
      attributes,
    });
    return hold;
  }

  settle(hold: string, amount: number): void {
    this.run({
      kind: "settleHold",
      outcome: null,
      hold,
      amount: { kind: "credits", credits: whole(amount) },
      isFinal: true,
      fingerprint: null,
      recalled: null,
    });
  }

  /** Days on which a member uses ten credits in each of six hours. */
  usualDays(call: Omit<Call, "credits">, from: number, to: number): void {
    for (let day = from; day < to; day += 1)
      for (let hour = 9; hour < 15; hour += 1) {
        this.to(day, hour);
        this.use({ ...call, credits: 10 });
      }
  }

  run(command: Command): void {
    const at = instant(this.at);
    for (;;) {
      const due = nextDue(this.#state, at, calendar);
      if (due === undefined) break;
      this.#take(due);
    }
    const decision = decide(this.#state, command, at, around);
    assert.ok(decision.kind === "accepted", `${command.kind}: ${JSON.stringify(decision, text)}`);
    for (const event of [...decision.ahead, decision.event, ...decision.notices]) this.#take(event);
  }

  /** Raises what crossed last, as the watcher does, and gives its id. */
  raiseLast(): string {
    const last = this.crossings.at(-1);
    assert.ok(last);
    const { rule, key: crossing, subject, finding, grade } = last;
    const alert = `alt_${this.crossings.length}`;
    this.run({ kind: "raiseAlert", alert, rule, crossing, subject, finding, grade });
    return alert;
  }

  /** What was found, in short. */
  found(): readonly string[] {
    return this.crossings.map(({ subject, finding, grade }) => {
      const rule = finding.kind === "unusual" ? [finding.rule, ...finding.signs].join("+") : "";
      return `${subject.id} ${rule}: ${grade}`;
    });
  }

  #take(event: Event): void {
    const position = { seq: (this.#seq += 1), index: 0 };
    apply(this.#state, event, position);
    this.#watch.changed.clear();
    this.#watch.fold(event, position);
    const named = new Set(spendersIn(event));
    for (const id of this.#watch.changed)
      assert.ok(named.has(id), `W3 ${event.kind} changes ${id}, whose row nobody hands in`);
    this.events.push(event);
    this.crossings.push(...this.#watch.takeCrossings());
    this.measures.push(...this.#watch.takeMeasures());
  }
}

const whole = (amount: number) => credits(BigInt(amount) * 1_000_000n);
const text = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
