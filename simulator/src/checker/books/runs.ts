/**
 * Owns what runs allow and have counted, worked out apart from the kernel: what a run has used is added up anew from the calls in it
 * whenever one of them changes (docs/decisions/0038).
 */
import type { Event, HoldExtended, HoldOpened, Path, Run, RunCount, RunRef } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import { setAside } from "./desk.ts";

interface RunRecord {
  /** As its own last event told it. */
  run: Run;
  /** Calls in it and inside it. */
  readonly calls: Set<string>;
  readonly inside: Set<string>;
  readonly done: Map<string, number>;
  steps: number;
  toolCalls: number;
  /** What events have counted in it. */
  counted: bigint;
  touchedAt: number;
}

const weekMs = 7 * 24 * 60 * 60 * 1_000;

/** Mutable: one for each timeline. */
export class Runs {
  readonly #books: Books;
  readonly #runs = new Map<string, RunRecord>();

  constructor(books: Books) {
    this.#books = books;
  }

  /** Open ones in which nothing is open, and when each has idled long enough. */
  *idle(): Iterable<{ readonly at: number; readonly id: string }> {
    for (const [id, record] of this.#runs) {
      if (record.run.status !== "open" || this.#isBusy(record)) continue;
      yield { at: record.touchedAt + record.run.idleMs, id };
    }
  }

  /** Takes an event when the books have taken it. */
  take(event: Event): void {
    switch (event.kind) {
      case "run.opened":
        return this.#open(event.run);
      case "run.raised":
      case "run.paused":
        return this.#change(event.run, event.at);
      case "run.closed":
        return this.#end(event.run, event.at, "closed");
      case "run.expired":
        for (const run of event.runs) this.#end(run, event.at, "expired");
        return;
      case "hold.opened":
        return event.opens === undefined ? this.#approve(event) : this.#prepay(event, event.opens);
      case "usage.debited":
        return this.#enter(event.debit, event, event.runs, { steps: 1, toolCalls: 0 });
      case "hold.extended":
        if (event.raises !== undefined) return this.#prepayMore(event, event.raises.run);
        for (const record of this.#of(event.hold)) this.#fits(record, event);
        return this.#goOn(event.hold, event.runCounts, event.at);
      case "hold.settled":
      case "hold.released":
        return this.#goOn(event.hold, event.runCounts, event.at);
      case "hold.expired":
        for (const one of event.holds) this.#goOn(one.hold, one.runCounts, event.at);
        return;
      case "usage.refunded":
        return this.#goOn(event.of, event.runCounts, event.at);
      default:
    }
  }

  #open(run: Run): void {
    const before = this.#runs.get(run.id);
    const isOver =
      before !== undefined &&
      before.run.status !== "open" &&
      run.openedAt >= before.touchedAt + weekMs;
    demand(before === undefined || isOver, () => `run ${run.id} is opened twice`);
    const [parent] = run.ancestors;
    const around = this.#path(parent);
    demand(
      around.map((one) => one.run.id).join() === run.ancestors.join(),
      () => `${run.id} stands elsewhere`,
    );
    for (const one of around) this.#takesCalls(one, run.openedAt);
    demand(run.used === 0n && run.steps === 0, () => `run ${run.id} begins with use`);
    this.#runs.set(run.id, {
      run,
      calls: new Set(),
      inside: new Set(),
      done: new Map(),
      steps: 0,
      toolCalls: 0,
      counted: 0n,
      touchedAt: run.openedAt,
    });
    if (around[0] === undefined) return;
    around[0].inside.add(run.id);
    around[0].touchedAt = run.openedAt;
  }

  /** A purse is as large as the limit of its run, and lasts until its deadline. */
  #prepay({ hold, credits, expiresAt }: HoldOpened, run: Run): void {
    const { limit, deadline } = run.bounds;
    const isRight = run.purse === hold && limit === credits && deadline === expiresAt;
    demand(isRight, () => `run ${run.id} prepays ${credits} of ${limit}`);
    this.#open(run);
  }

  #prepayMore({ hold, credits, expiresAt, at }: HoldExtended, run: Run): void {
    const more = (run.bounds.limit ?? 0n) - (this.#known(run.id).run.bounds.limit ?? 0n);
    const isRight = run.purse === hold && more === credits && run.bounds.deadline === expiresAt;
    demand(isRight, () => `run ${run.id} prepays ${credits} more, not ${more}`);
    this.#change(run, at);
  }

  #change(run: Run, at: number): void {
    const record = this.#known(run.id);
    demand(record.run.status === "open", () => `run ${run.id} has ended and changes`);
    const { bounds, pausedBy } = record.run;
    for (const name of [
      "limit",
      "maxSteps",
      "maxToolCalls",
      "maxSameAction",
      "deadline",
    ] as const) {
      const [was, now] = [bounds[name], run.bounds[name]];
      const isKept = was === null || now === null ? was === now : was <= now;
      demand(isKept, () => `${name} of run ${run.id} is lowered`);
    }
    // Whoever raises it has looked at what it repeats.
    if (pausedBy === "maxSameAction" && run.pausedBy === null) record.done.clear();
    record.run = run;
    record.touchedAt = at;
    this.#agree(record, run);
  }

  #end(run: Run, at: number, status: "closed" | "expired"): void {
    demand(run.status === status, () => `run ${run.id} is ${run.status}, not ${status}`);
    this.#change(run, at);
    // What it prepaid is over with it.
    const purse = run.purse === undefined ? undefined : this.#books.hold(run.purse);
    if (purse?.status === "open" && purse.expiresAt > at) purse.expiresAt = at;
    const [parent] = run.ancestors;
    const around = parent === undefined ? undefined : this.#runs.get(parent);
    if (around?.inside.delete(run.id) === true) around.touchedAt = at;
  }

  #approve(event: Extract<Event, { kind: "hold.opened" }>): void {
    const [own] = event.runs ?? [];
    if (own === undefined) return;
    const toolCalls = event.runCounts?.[0]?.toolCalls ?? 0;
    const path = this.#path(own.id);
    const acts = isOf(this.#known(own.id).run, event.path);
    demand(acts, () => `${event.hold} is in the run of another`);
    for (const { run, steps, toolCalls: tools } of path) {
      const { maxSteps, maxToolCalls } = run.bounds;
      demand(maxSteps === null || steps < maxSteps, () => `run ${run.id} has no step left`);
      const isFree = maxToolCalls === null || toolCalls === 0 || tools < maxToolCalls;
      demand(isFree, () => `run ${run.id} has no call of a tool left`);
    }
    this.#enter(event.hold, event, event.runs, { steps: 1, toolCalls });
    for (const record of path) this.#fits(record, event);
    this.#repeat(path[0], event.action?.action);
  }

  #repeat(record: RunRecord | undefined, action: string | undefined): void {
    if (record === undefined || action === undefined) return;
    const times = (record.done.get(action) ?? 0) + 1;
    record.done.set(action, times);
    const { maxSameAction } = record.run.bounds;
    const isFew = maxSameAction === null || times <= maxSameAction;
    demand(isFew, () => `run ${record.run.id} does one thing ${times} times`);
  }

  /** A call begins: in the run that it names and in all that this one stands in. */
  #enter(
    id: string,
    { at, runCounts }: { readonly at: number; readonly runCounts?: readonly RunCount[] },
    refs: readonly RunRef[] | undefined,
    step: { readonly steps: number; readonly toolCalls: number },
  ): void {
    const [own] = refs ?? [];
    if (own === undefined) return;
    for (const record of this.#path(own.id)) {
      record.calls.add(id);
      record.steps += step.steps;
      record.toolCalls += step.toolCalls;
      const stated = runCounts?.find((one) => one.run === record.run.id);
      const isRight = stated?.steps === step.steps && stated.toolCalls === step.toolCalls;
      demand(isRight, () => `${id} counts ${stated?.steps} steps in run ${record.run.id}`);
    }
    this.#add(id, runCounts, at);
  }

  #goOn(id: string, runCounts: readonly RunCount[] | undefined, at: number): void {
    for (const one of runCounts ?? [])
      demand(one.steps === 0 && one.toolCalls === 0, () => `${id} gives steps back to ${one.run}`);
    this.#add(id, runCounts, at);
  }

  /** What an event says that it counts, and what the calls of each run add up to. */
  #add(id: string, runCounts: readonly RunCount[] = [], at: number): void {
    for (const { run, credits } of runCounts) {
      const record = this.#known(run);
      demand(record.calls.has(id), () => `${id} is not in run ${run}`);
      record.counted += credits;
      record.touchedAt = at;
    }
    for (const record of this.#of(id)) {
      const used = this.#used(record);
      const isTold = record.counted === used;
      // Memory lets go of a run that ended a week ago, and what returns then is counted nowhere.
      if (!isTold && record.run.status !== "open" && at >= record.touchedAt + weekMs)
        record.counted = used;
      else demand(isTold, () => `run ${record.run.id} counts ${record.counted}, its calls ${used}`);
    }
  }

  /** What was just approved: no run around it takes more than its limit, nor anything when it takes no calls. */
  #fits(
    record: RunRecord,
    { credits, at }: { readonly credits: bigint; readonly at: number },
  ): void {
    this.#takesCalls(record, at);
    const { limit } = record.run.bounds;
    const isOver = limit !== null && credits > 0n && this.#used(record) > limit;
    demand(!isOver, () => `run ${record.run.id} is past its limit of ${limit}`);
  }

  #takesCalls({ run }: RunRecord, at: number): void {
    demand(run.status === "open", () => `run ${run.id} is ${run.status} and takes calls`);
    demand(run.pausedBy === null, () => `run ${run.id} is paused and takes calls`);
    const { deadline } = run.bounds;
    demand(deadline === null || at < deadline, () => `run ${run.id} goes on past its deadline`);
  }

  #agree(record: RunRecord, run: Run): void {
    const used = this.#used(record);
    demand(run.used === used, () => `run ${run.id} has used ${used}, not ${run.used}`);
    demand(run.steps === record.steps, () => `run ${run.id} has taken ${record.steps} steps`);
  }

  #used({ calls }: RunRecord): bigint {
    let used = 0n;
    for (const id of calls) {
      const hold = this.#books.hold(id);
      used += hold.charged - hold.refunded + (hold.status === "open" ? setAside(hold) : 0n);
    }
    return used;
  }

  #isBusy({ calls, inside }: RunRecord): boolean {
    if (inside.size > 0) return true;
    for (const id of calls) if (this.#books.hold(id).status === "open") return true;
    return false;
  }

  /** The runs that have this call in them. */
  #of(id: string): RunRecord[] {
    return [...this.#runs.values()].filter(({ calls }) => calls.has(id));
  }

  #path(id: string | undefined): RunRecord[] {
    if (id === undefined) return [];
    const record = this.#known(id);
    return [record, ...this.#path(record.run.ancestors[0])];
  }

  #known(id: string): RunRecord {
    const record = this.#runs.get(id);
    demand(record !== undefined, () => `there is no run ${id}`);
    return record;
  }
}

const isOf = ({ member }: Run, path: Path): boolean =>
  path.member === member || path.sponsors.includes(member);
