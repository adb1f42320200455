/** Runs as plain as can be: every sum is added up anew from all calls, every time that somebody asks. */
import type { Command, Rejection, RunBound, RunBounds } from "@cistern/kernel";

interface NaiveCall {
  readonly id: string;
  /** The run that it names, and all that this one stands in. */
  readonly runs: readonly NaiveRun[];
  readonly isHold: boolean;
  readonly isToolCall: boolean;
  readonly action: string | null;
  isOpen: boolean;
  expiresAt: number;
  aside: bigint;
  charged: bigint;
  refunded: bigint;
}

interface NaiveRun {
  readonly id: string;
  readonly parent: NaiveRun | undefined;
  readonly idleMs: number;
  bounds: RunBounds;
  status: "open" | "closed" | "expired";
  pausedBy: RunBound | null;
  touchedAt: number;
  /** Calls that were forgotten when a loop was raised are before it. */
  countsFrom: number;
}

type Verdict = Rejection["code"] | "accepted";

/** Mutable. Everybody is ana, and the pool has enough. */
export class NaiveRuns {
  readonly runs = new Map<string, NaiveRun>();
  readonly calls: NaiveCall[] = [];

  /** Holds that ran out, then runs that idled, by instant. */
  pass(at: number): void {
    for (;;) {
      const holds = this.calls.filter((one) => one.isOpen);
      const idle = [...this.runs.values()].filter(
        (run) => run.status === "open" && !this.#isBusy(run),
      );
      const first = Math.min(
        ...holds.map((one) => one.expiresAt),
        ...idle.map((run) => run.touchedAt + run.idleMs),
      );
      if (first > at) return;
      const out = holds.filter((one) => one.expiresAt === first);
      for (const call of out) this.#end(call, first);
      if (out.length > 0) continue;
      for (const run of idle.filter((one) => one.touchedAt + one.idleMs === first))
        this.#endRun(run, "expired", first);
    }
  }

  /** What of a run the kernel keeps as numbers. */
  sums(run: NaiveRun) {
    const calls = this.calls.filter((one) => one.runs.includes(run));
    return {
      used: calls.reduce((sum, one) => sum + one.aside + one.charged - one.refunded, 0n),
      steps: calls.length,
      toolCalls: calls.filter((one) => one.isToolCall).length,
      holds: calls.filter((one) => one.isOpen).length,
      children: [...this.runs.values()].filter((one) => one.parent === run && one.status === "open")
        .length,
      status: run.status,
      pausedBy: run.pausedBy,
    };
  }

  run(command: Command, at: number): Verdict {
    this.pass(at);
    switch (command.kind) {
      case "openRun":
        return this.#openRun(command, at);
      case "raiseRun":
        return this.#raise(command, at);
      case "closeRun":
        return this.#close(command.run, at);
      case "openHold":
        return this.#open(command, at);
      case "extendHold":
        return this.#extend(command, at);
      case "settleHold":
        return this.#settle(command, at);
      case "releaseHold": {
        const call = this.#call(command.hold);
        if (call?.isOpen === true) this.#end(call, at);
        return "accepted";
      }
      case "debit":
        return this.#debit(command, at);
      case "refund": {
        const call = this.#call(command.of);
        if (call === undefined) return "accepted";
        call.refunded = call.charged;
        this.#touch(call.runs, at);
        return "accepted";
      }
      default:
        throw new Error(`No ${command.kind} in this life.`);
    }
  }

  #openRun(command: Extract<Command, { kind: "openRun" }>, at: number): Verdict {
    const parent = command.parent === null ? undefined : this.runs.get(command.parent);
    if (command.parent !== null && parent === undefined) return "unknown_run";
    const around = this.#path(parent);
    const blocked = this.#blocked(around, at);
    if (blocked !== undefined) return blocked;
    if (this.runs.has(command.run)) return "run_exists";
    if (around.length === 8) return "invalid_request";
    const { run: id, bounds, idleMs } = command;
    const state = { status: "open", pausedBy: null, touchedAt: at, countsFrom: 0 } as const;
    this.runs.set(id, { id, parent, bounds, idleMs, ...state });
    if (parent !== undefined) parent.touchedAt = at;
    return "accepted";
  }

  #raise({ run: id, bounds }: Extract<Command, { kind: "raiseRun" }>, at: number): Verdict {
    const run = this.runs.get(id);
    if (run === undefined) return "unknown_run";
    if (run.status !== "open") return "run_ended";
    for (const name of ["limit", "maxSteps"] as const) {
      const [was, now] = [run.bounds[name], bounds[name]];
      if (now !== null && (was === null || now < was)) return "invalid_request";
    }
    const limit = bounds.limit ?? run.bounds.limit;
    run.bounds = { ...run.bounds, limit, maxSteps: bounds.maxSteps ?? run.bounds.maxSteps };
    if (run.pausedBy === "maxSameAction") run.countsFrom = this.calls.length;
    run.pausedBy = null;
    run.touchedAt = at;
    return "accepted";
  }

  #close(id: string, at: number): Verdict {
    const run = this.runs.get(id);
    if (run === undefined) return "unknown_run";
    if (run.status !== "open") return "run_ended";
    this.#endRun(run, "closed", at);
    return "accepted";
  }

  #open(command: Extract<Command, { kind: "openHold" }>, at: number): Verdict {
    const asked = command.amount.kind === "credits" ? command.amount.credits : 0n;
    const run = command.run === null ? undefined : this.runs.get(command.run);
    if (run === undefined) return "unknown_run";
    const path = this.#path(run);
    const { isToolCall = false, action = null } = command;
    const blocked = this.#blocked(path, at);
    if (blocked !== undefined) return blocked;
    for (const one of path) {
      const { maxSteps, maxToolCalls, maxSameAction, limit } = one.bounds;
      const { steps, toolCalls, used } = this.sums(one);
      if (maxSteps !== null && steps >= maxSteps) return this.#pause(one, "maxSteps", at);
      if (isToolCall && maxToolCalls !== null && toolCalls >= maxToolCalls)
        return this.#pause(one, "maxToolCalls", at);
      const times = this.calls.filter(
        (call, index) => index >= run.countsFrom && call.runs[0] === run && call.action === action,
      ).length;
      if (one === run && action !== null && maxSameAction !== null && times >= maxSameAction)
        return this.#pause(one, "maxSameAction", at);
      if (limit !== null && asked > 0n && used + asked > limit)
        return this.#pause(one, "limit", at);
    }
    const { hold: id, ttlMs } = command;
    const sums = { aside: asked, charged: 0n, refunded: 0n };
    const step = { isHold: true, isToolCall, action, isOpen: true, expiresAt: at + ttlMs };
    this.calls.push({ id, runs: path, ...step, ...sums });
    this.#touch(path, at);
    return "accepted";
  }

  #extend({ hold, credits }: Extract<Command, { kind: "extendHold" }>, at: number): Verdict {
    const call = this.#call(hold);
    if (call === undefined) return "unknown_hold";
    const blocked = this.#blocked(call.runs, at);
    if (blocked !== undefined) return blocked;
    for (const run of call.runs) {
      const { limit } = run.bounds;
      if (limit !== null && this.sums(run).used + credits > limit)
        return this.#pause(run, "limit", at);
    }
    call.aside += credits;
    this.#touch(call.runs, at);
    return "accepted";
  }

  #settle(command: Extract<Command, { kind: "settleHold" }>, at: number): Verdict {
    const call = this.#call(command.hold);
    if (call === undefined || command.amount.kind !== "credits") return "unknown_hold";
    const used = command.amount.credits;
    const before = call.aside + call.charged;
    call.charged += used;
    call.aside = call.aside > used ? call.aside - used : 0n;
    if (command.isFinal || !call.isOpen) this.#end(call, at);
    else if (call.aside + call.charged !== before) this.#touch(call.runs, at);
    return "accepted";
  }

  #debit(
    { debit: id, run: named, amount }: Extract<Command, { kind: "debit" }>,
    at: number,
  ): Verdict {
    const run = named === null ? undefined : this.runs.get(named);
    if (run === undefined || amount.kind !== "credits") return "unknown_run";
    const call = { isHold: false, isToolCall: false, action: null, isOpen: false, expiresAt: at };
    const sums = { aside: 0n, charged: amount.credits, refunded: 0n };
    this.calls.push({ id, runs: this.#path(run), ...call, ...sums });
    this.#touch(this.#path(run), at);
    return "accepted";
  }

  /** A refusal pauses, as the API has it done by a command of its own. */
  #pause(run: NaiveRun, bound: RunBound, at: number): Verdict {
    run.pausedBy = bound;
    run.touchedAt = at;
    if (bound === "maxSameAction") return "runaway_loop";
    return bound === "deadline" ? "run_deadline_passed" : "run_limit_reached";
  }

  #blocked(path: readonly NaiveRun[], at: number): Verdict | undefined {
    for (const run of path) {
      const { deadline } = run.bounds;
      if (run.status !== "open") return "run_ended";
      if (run.pausedBy !== null) return "run_paused";
      if (deadline !== null && at >= deadline) return this.#pause(run, "deadline", at);
    }
    return undefined;
  }

  #end(call: NaiveCall, at: number): void {
    call.isOpen = false;
    call.aside = 0n;
    this.#touch(call.runs, at);
  }

  #endRun(run: NaiveRun, status: "closed" | "expired", at: number): void {
    run.status = status;
    run.pausedBy = null;
    run.touchedAt = at;
    if (run.parent !== undefined) run.parent.touchedAt = at;
  }

  #touch(runs: readonly NaiveRun[], at: number): void {
    for (const run of runs) run.touchedAt = at;
  }

  #isBusy(run: NaiveRun): boolean {
    const { holds, children } = this.sums(run);
    return holds > 0 || children > 0;
  }

  #path(run: NaiveRun | undefined): readonly NaiveRun[] {
    return run === undefined ? [] : [run, ...this.#path(run.parent)];
  }

  #call(id: string): NaiveCall | undefined {
    return this.calls.find((one) => one.id === id);
  }
}
