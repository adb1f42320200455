/**
 * Owns the auditor's own account of runs.
 *
 * V10 a call is approved only where every run around it is open, unpaused, before its deadline and within its bounds, and it counts in
 * all of them at once. V11 what a run has used is what its calls charged, less refunds, and while they are open what they set aside;
 * steps are approvals, and none is given back. V12 what ends by itself had nothing open in it for as long as it may be idle.
 */
import type {
  ActionCount,
  Event,
  HoldExtended,
  HoldOpened,
  Run,
  RunCount,
  RunRef,
  State,
  UsageDebited,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface FoldedRun {
  run: Run;
  used: bigint;
  steps: number;
  toolCalls: number;
  children: number;
  readonly open: Set<string>;
  readonly actions: Map<string, number>;
  touchedAt: number;
}

interface FoldedCall {
  readonly runs: readonly FoldedRun[];
  target: bigint;
  refunded: bigint;
}

/** A run remembers so many actions; beyond it the auditor cannot say how often each was approved. */
const actionsRemembered = 256;

/** All runs of one workspace that the journal has told of, those of one id told apart. */
export class RunFold {
  readonly #latest = new Map<string, FoldedRun>();
  readonly #calls = new Map<string, FoldedCall>();

  fold(event: Event): void {
    switch (event.kind) {
      case "run.opened":
        return this.#open(event.run);
      case "run.raised":
        return this.#raise(event.run, event.restarts);
      case "run.paused":
        return this.#pause(event.run);
      case "run.closed":
        return this.#end(event.run, event.at, "closed");
      case "run.expired":
        for (const run of event.runs) this.#expire(run, event.at);
        return undefined;
      case "hold.opened":
        return event.opens === undefined ? this.#approve(event) : this.#prepay(event, event.opens);
      case "usage.debited":
        return this.#report(event);
      case "hold.extended":
        return this.#extend(event);
      case "hold.settled": {
        const { target = 0n, refunded = 0n } = this.#calls.get(event.hold) ?? {};
        const aside = event.legs.reduce((sum: bigint, leg) => sum + leg.credits, event.overage);
        const delta = event.chargedInTotal - refunded + aside - target;
        return this.#goOn(event.hold, { ...event, delta, ends: event.isFinal });
      }
      case "hold.released":
        return this.#goOn(event.hold, { ...event, delta: -event.returned, ends: true });
      case "hold.expired":
        for (const one of event.holds)
          this.#goOn(one.hold, { ...one, at: event.at, delta: -one.returned, ends: true });
        return undefined;
      case "usage.refunded": {
        const call = this.#calls.get(event.of);
        if (call !== undefined) call.refunded += event.credits;
        return this.#goOn(event.of, { ...event, delta: -event.credits, ends: false });
      }
      default:
        return undefined;
    }
  }

  /** The kernel has counted the same, of all that it still knows. */
  compare({ runs: { runs } }: State): void {
    for (const run of runs.values()) {
      const own = this.#latest.get(run.id);
      expect(own !== undefined, "K6 the kernel knows the same runs", () => run.id);
      this.#same(own, run);
      expect(
        run.status === own.run.status && run.pausedBy === own.run.pausedBy,
        "K6 the status of a run",
        () => `${run.id} is ${run.status}`,
      );
    }
    for (const { run } of this.#latest.values())
      expect(
        run.status !== "open" || runs.get(run.id)?.openedAt === run.openedAt,
        "K6 the kernel has the same runs open",
        () => run.id,
      );
  }

  #open(run: Run): void {
    const before = this.#latest.get(run.id);
    expect(
      before === undefined || before.run.status !== "open",
      "a run is opened once",
      () => run.id,
    );
    const around = run.ancestors.map((id) => this.#known(id));
    const [parent] = around;
    expect(
      (parent?.run.ancestors ?? []).join() === run.ancestors.slice(1).join(),
      "V10 a run stands in its parent, and in what that stands in",
      () => run.id,
    );
    for (const one of around) takesCalls(one.run, run.openedAt);
    const made = { used: 0n, steps: 0, toolCalls: 0, children: 0, touchedAt: run.openedAt };
    const own: FoldedRun = { ...made, run, open: new Set(), actions: new Map() };
    this.#same(own, run);
    this.#latest.set(run.id, own);
    if (parent === undefined) return;
    parent.children += 1;
    parent.touchedAt = run.openedAt;
  }

  /** V27 a prepaid run opens with a hold of its limit, which lasts as long as its calls may begin. */
  #prepay({ hold, credits, expiresAt, path }: HoldOpened, run: Run): void {
    expect(
      run.purse === hold &&
        run.member === path.member &&
        run.bounds.limit === credits &&
        run.bounds.deadline === expiresAt,
      "V27 what a run prepays is its limit, until its deadline",
      () => `${credits} for ${run.id}`,
    );
    this.#open(run);
  }

  /** What its limit grows by is prepaid as well. */
  #prepayMore({ hold, credits, expiresAt }: HoldExtended, run: Run): void {
    const before = this.#known(run.id).run.bounds.limit ?? 0n;
    expect(
      run.purse === hold &&
        (run.bounds.limit ?? 0n) - before === credits &&
        run.bounds.deadline === expiresAt,
      "V27 what a run prepays is its limit, until its deadline",
      () => `${credits} more for ${run.id}`,
    );
  }

  #raise(run: Run, restarts: boolean): void {
    const own = this.#change(run, "open");
    for (const name of [
      "limit",
      "maxSteps",
      "maxToolCalls",
      "deadline",
      "maxSameAction",
    ] as const) {
      const [was, now] = [own.run.bounds[name], run.bounds[name]];
      const isRaised = was === null || now === null ? was === now : now >= was;
      expect(isRaised, "bounds are raised, never lowered", () => `${name} of ${run.id}`);
    }
    if (restarts) own.actions.clear();
    own.run = run;
  }

  #pause(run: Run): void {
    const own = this.#change(run, "open");
    expect(run.pausedBy !== null, "a pause says what refused", () => run.id);
    own.run = run;
  }

  #end(run: Run, at: number, status: Run["status"]): void {
    const own = this.#change(run, status);
    own.run = run;
    const [parent] = run.ancestors.map((id) => this.#known(id));
    if (parent === undefined) return;
    parent.children -= 1;
    parent.touchedAt = at;
  }

  #expire(run: Run, at: number): void {
    const own = this.#known(run.id);
    expect(
      own.open.size === 0 && own.children === 0 && at >= own.touchedAt + own.run.idleMs,
      "V12 a run expires when nothing was open in it for long enough",
      () => run.id,
    );
    this.#end(run, at, "expired");
  }

  /** The run that an event carries is the one that we know, as it was counted. */
  #change(run: Run, status: Run["status"]): FoldedRun {
    const own = this.#known(run.id);
    expect(
      own.run.status === "open" && run.status === status,
      "a run changes while it is open",
      () => run.id,
    );
    this.#same(own, run);
    own.touchedAt = run.touchedAt;
    return own;
  }

  #approve(event: HoldOpened): void {
    const runs = this.#begin(event.hold, event.runs, event);
    ofItsRuns(event, runs);
    if (runs.length === 0) return;
    const toolCalls = event.runCounts?.[0]?.toolCalls ?? 0;
    for (const one of runs) {
      const { maxSteps, maxToolCalls } = one.run.bounds;
      takesCalls(one.run, event.at);
      withinLimit(one, event.credits);
      const isOver =
        (maxSteps !== null && one.steps >= maxSteps) ||
        (toolCalls > 0 && maxToolCalls !== null && one.toolCalls >= maxToolCalls);
      expect(!isOver, "V10 no step is approved past its bound", () => one.run.id);
      one.open.add(event.hold);
    }
    repeats(runs[0], event.action);
    this.#count(runs, event, { delta: event.credits, steps: 1, toolCalls, holds: 1 });
  }

  #report(event: UsageDebited): void {
    const runs = this.#begin(event.debit, event.runs, event);
    this.#count(runs, event, { delta: event.charged, steps: 1, toolCalls: 0, holds: 0 });
  }

  /** The runs of a call that begins: the one that it names, and all that this one stands in. */
  #begin(
    id: string,
    refs: readonly RunRef[] | undefined,
    event: HoldOpened | UsageDebited,
  ): readonly FoldedRun[] {
    const runs = (refs ?? []).map((ref) => {
      const own = this.#known(ref.id);
      expect(own.run.openedAt === ref.openedAt, "V10 a call names a run that is there", () => id);
      return own;
    });
    const [own, ...around] = runs;
    expect(
      event.kind === "usage.debited" ||
        around.map(({ run }) => run.id).join() === (own?.run.ancestors ?? []).join(),
      "V10 a call counts in every run around it",
      () => id,
    );
    const target = event.kind === "hold.opened" ? event.credits : event.charged;
    if (runs.length > 0) this.#calls.set(id, { runs, target, refunded: 0n });
    return runs;
  }

  #extend(event: HoldExtended): void {
    if (event.raises !== undefined) {
      this.#prepayMore(event, event.raises.run);
      return this.#raise(event.raises.run, event.raises.restarts);
    }
    const call = this.#calls.get(event.hold);
    ofItsRuns(event, call?.runs ?? []);
    for (const one of call?.runs ?? []) {
      takesCalls(one.run, event.at);
      withinLimit(one, event.credits);
    }
    this.#goOn(event.hold, { ...event, delta: event.credits, ends: false });
  }

  #goOn(
    id: string,
    event: {
      readonly at: number;
      readonly runCounts?: readonly RunCount[];
      readonly delta: bigint;
      readonly ends: boolean;
    },
  ): void {
    const call = this.#calls.get(id);
    if (call === undefined) {
      expect(event.runCounts === undefined, "V11 what is in no run counts in none", () => id);
      return;
    }
    call.target += event.delta;
    let holds = 0;
    for (const one of call.runs) if (event.ends && one.open.delete(id)) holds = -1;
    if (event.delta !== 0n || holds !== 0)
      this.#count(call.runs, event, { delta: event.delta, steps: 0, toolCalls: 0, holds });
    else
      expect(event.runCounts === undefined, "V11 an event counts what its call changes", () => id);
  }

  #count(
    runs: readonly FoldedRun[],
    { at, runCounts = [] }: { readonly at: number; readonly runCounts?: readonly RunCount[] },
    {
      delta,
      steps,
      toolCalls,
      holds,
    }: { delta: bigint; steps: number; toolCalls: number; holds: number },
  ): void {
    const counts = new Map(runCounts.map((one) => [one.run, one]));
    for (const one of runs) {
      const count = counts.get(one.run.id);
      const isLeft = count === undefined || this.#latest.get(one.run.id) !== one;
      // Memory may have let go of one that has ended.
      if (isLeft && one.run.status !== "open") continue;
      expect(count !== undefined, "V10 a call counts in every run around it", () => one.run.id);
      expectEqual(count.credits, delta, `V11 what a call counts in run ${one.run.id}`);
      expect(
        count.steps === steps && count.toolCalls === toolCalls && count.holds === holds,
        "V11 steps are approvals, and none is given back",
        () => one.run.id,
      );
      one.used += delta;
      one.steps += steps;
      one.toolCalls += toolCalls;
      one.touchedAt = at;
    }
  }

  #same(own: FoldedRun, run: Run): void {
    expectEqual(run.used, own.used, `V11 what run ${run.id} has used`);
    expect(
      run.steps === own.steps &&
        run.toolCalls === own.toolCalls &&
        run.holds === own.open.size &&
        run.children === own.children,
      "V11 what a run has counted",
      () => `${run.id}: ${own.steps} steps, ${own.toolCalls} of tools, ${own.open.size} open`,
    );
  }

  #known(id: string): FoldedRun {
    const own = this.#latest.get(id);
    expect(own !== undefined, "V10 a run is opened before it is named", () => id);
    return own;
  }
}

/** What is prepaid was prepaid for a run of the call. */
function ofItsRuns(
  { hold, fromPurse }: HoldOpened | HoldExtended,
  runs: readonly FoldedRun[],
): void {
  expect(
    fromPurse === undefined || runs.some(({ run }) => run.purse === fromPurse.purse.id),
    "V27 a call is taken from the purse of a run that it is in",
    () => hold,
  );
}

function takesCalls(run: Run, at: number): void {
  const { deadline } = run.bounds;
  expect(
    run.status === "open" && run.pausedBy === null && (deadline === null || at < deadline),
    "V10 nothing is approved in a run that takes no calls",
    () => run.id,
  );
}

function withinLimit({ run, used }: FoldedRun, asked: bigint): void {
  const { limit } = run.bounds;
  expect(
    limit === null || asked === 0n || used + asked <= limit,
    "V10 no credits are approved past the limit of a run",
    () => `${run.id}: ${used} and ${asked} of ${limit}`,
  );
}

/** How often its run has done the same. */
function repeats(own: FoldedRun | undefined, action: ActionCount | undefined): void {
  if (own === undefined || action === undefined) return;
  const { maxSameAction } = own.run.bounds;
  const times = (own.actions.get(action.action) ?? 0) + 1;
  own.actions.set(action.action, times);
  expect(
    own.actions.size > actionsRemembered || action.times === times,
    "V10 an action says how often it was approved",
    () => `${action.times} in ${own.run.id}`,
  );
  expect(
    maxSameAction !== null && action.times <= maxSameAction,
    "V10 no action is approved more often than its run allows",
    () => `${action.times} in ${own.run.id}`,
  );
}
