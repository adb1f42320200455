/**
 * Owns the work for one consumer on this node: which workspaces it may have something of, and how many are carried at once.
 *
 * P1 one carry a workspace at a time; a notice that comes meanwhile has it looked at again. P2 a lane has its own bound and its own timers: a consumer
 * that is slow or gone delays no other; one that is away is tried as `absence.ts` says. P3 what no notice told (other nodes' appends, a list that ran over) is found by the sweep.
 */
import { Absence } from "./absence.ts";
import { type CarryAround, type Carried, carry } from "./carry.ts";
import type { Consumer } from "./consumer.ts";

/** What a lane stands on. */
export interface LaneAround extends Omit<CarryAround, "ending" | "told"> {
  readonly sweepMs: number;
  readonly drainMs: number;
}

/** Figures of a consumer. What is behind is as of the last sweep. */
export interface ConsumerStats {
  readonly consumer: string;
  readonly workspacesBehind: number;
  /** Rows of the journal; each has one event or more. */
  readonly rowsBehind: number;
  /** 0: nothing is behind. */
  readonly oldestAtMs: number;
  readonly deliveries: number;
  readonly events: number;
  readonly failures: number;
  readonly placesLost: number;
}

const listMax = 10_000;
const sweepPage = 500;
/** After a fault of the database or the engine. */
const faultRetryMs = 1_000;

/** See the file head. Mutable. */
export class ConsumerLane {
  consumer: Consumer;
  readonly #around: LaneAround;
  readonly #ready = new Set<string>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #later = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #idle: (() => void)[] = [];
  readonly #absence = new Absence((failures) => this.consumer.retryMs(failures));
  readonly #counts = { deliveries: 0, events: 0, failures: 0, placesLost: 0 };
  #behind = { workspacesBehind: 0, rowsBehind: 0, oldestAtMs: 0 };
  #isStopping = false;
  #isFailing = false;
  #isSweepOwed = false;
  #sweeping: Promise<void> | undefined;
  #cancelSweep = (): void => {};
  #cancelWake = (): void => {};
  #cancelTry = (): void => {};
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(consumer: Consumer, around: LaneAround) {
    this.consumer = consumer;
    this.#around = around;
  }

  stats(): ConsumerStats {
    return { consumer: this.consumer.name, ...this.#behind, ...this.#counts };
  }

  start(): void {
    this.sweep();
  }

  /** Something may have come in this workspace. */
  add(workspaceId: string): void {
    const { workspaces } = this.consumer;
    if (this.#isStopping || this.#later.has(workspaceId)) return;
    if (workspaces !== undefined && !workspaces.includes(workspaceId)) return;
    if (this.#running.has(workspaceId)) this.#again.add(workspaceId);
    else if (this.#ready.size < listMax) this.#ready.add(workspaceId);
    else this.#isSweepOwed = true;
    this.#run();
  }

  /** Looks for all that there is now, also for what waits for another try. */
  wake(): void {
    this.#later.clear();
    this.#absence.end();
    this.sweep();
  }

  /** Looks for workspaces that are behind; one sweep at a time. */
  sweep(): void {
    if (this.#isStopping) return;
    this.#cancelSweep();
    if (this.#sweeping !== undefined) {
      this.#isSweepOwed = true;
      return;
    }
    const { clock, sweepMs } = this.#around;
    this.#isSweepOwed = false;
    this.#sweeping = this.#look().finally(() => {
      this.#sweeping = undefined;
      if (this.#isStopping) return;
      this.#cancelSweep = clock.after(sweepMs, () => this.sweep());
      this.#run();
    });
  }

  /** Begins no more, and waits for what is under way; what takes longer than `graceMs` is given up, and delivered again later. */
  async stop(graceMs = this.#around.drainMs): Promise<void> {
    this.#isStopping = true;
    this.#ready.clear();
    this.#again.clear();
    this.#cancelSweep();
    this.#cancelWake();
    this.#cancelTry();
    const giveUp = (): void => this.#ending.abort();
    const cancel = graceMs > 0 ? this.#around.clock.after(graceMs, giveUp) : giveUp;
    if (graceMs === 0) giveUp();
    await this.#sweeping;
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    cancel();
  }

  #run(): void {
    for (const workspaceId of this.#ready) {
      if (this.#isStopping || !this.#mayBegin()) return;
      this.#ready.delete(workspaceId);
      this.#running.add(workspaceId);
      this.#absence.begun(workspaceId);
      void this.#carry(workspaceId);
    }
    if (this.#isSweepOwed && this.#ready.size === 0) this.sweep();
  }

  #mayBegin(): boolean {
    const hasRoom = this.#running.size < this.consumer.togetherMax;
    return hasRoom && this.#absence.mayBegin(this.#around.clock.now());
  }

  async #carry(workspaceId: string): Promise<void> {
    const carried = await this.#carried(workspaceId);
    this.#running.delete(workspaceId);
    this.#absence.ended(workspaceId);
    const isAgain = this.#again.delete(workspaceId);
    if (carried.kind === "later") this.#wait(workspaceId, carried.atMs);
    else if (carried.kind !== "done" || isAgain) this.add(workspaceId);
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#run();
  }

  async #carried(workspaceId: string): Promise<Carried> {
    const { log, clock } = this.#around;
    try {
      return await carry(workspaceId, () => this.consumer, this.#carryAround(workspaceId));
    } catch (cause) {
      const consumer = this.consumer.name;
      const message = `What ${consumer} has not had of ${workspaceId} could not be read; it is tried again.`;
      log({ level: "warn", code: "outbound_fault", consumer, workspaceId, message, cause });
      return { kind: "later", atMs: clock.now() + faultRetryMs };
    }
  }

  #carryAround(workspaceId: string): CarryAround {
    const counts = this.#counts;
    return {
      ...this.#around,
      ending: this.#ending.signal,
      told: {
        delivered: (events) => {
          counts.deliveries += 1;
          counts.events += events;
          this.#isFailing = false;
          this.#answered(workspaceId);
        },
        failed: (reason) => {
          counts.failures += 1;
          this.#tellFailing(workspaceId, reason);
          this.#answered(workspaceId);
        },
        away: (reason) => {
          counts.failures += 1;
          this.#tellFailing(workspaceId, reason);
          this.#away(workspaceId);
        },
        placeLost: () => {
          counts.placesLost += 1;
        },
      },
    };
  }

  #answered(workspaceId: string): void {
    if (!this.#absence.answered(workspaceId)) return;
    this.#cancelTry();
    this.#run();
  }

  #away(workspaceId: string): void {
    const { clock } = this.#around;
    const pauseMs = this.#absence.away(workspaceId, clock.now());
    if (pauseMs === undefined || this.#isStopping) return;
    this.#cancelTry();
    this.#cancelTry = clock.after(pauseMs, () => {
      this.#absence.due();
      this.#run();
    });
  }

  /** Once, until something was delivered again. */
  #tellFailing(workspaceId: string, reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const consumer = this.consumer.name;
    const message = `${consumer} did not take an event of ${workspaceId}; it is tried again. ${reason}`;
    this.#around.log({ level: "warn", code: "outbound_failing", consumer, workspaceId, message });
  }

  #wait(workspaceId: string, atMs: number): void {
    if (this.#isStopping || this.#later.size >= listMax) return;
    this.#later.set(workspaceId, atMs);
    if (atMs < this.#wakesAt) this.#planWake(atMs);
  }

  #planWake(atMs: number): void {
    const { clock } = this.#around;
    this.#cancelWake();
    this.#wakesAt = atMs;
    this.#cancelWake = clock.after(Math.min(timerMsMax, Math.max(0, atMs - clock.now())), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      const now = clock.now();
      let next = Number.POSITIVE_INFINITY;
      for (const [workspaceId, dueAtMs] of this.#later) {
        if (dueAtMs > now) {
          next = Math.min(next, dueAtMs);
          continue;
        }
        this.#later.delete(workspaceId);
        this.add(workspaceId);
      }
      if (next < this.#wakesAt) this.#planWake(next);
    });
  }

  /** It is due, whatever this node thought: another one may have had a hand in it. */
  #lookAgain(workspaceId: string): void {
    this.#later.delete(workspaceId);
    this.add(workspaceId);
  }

  async #look(): Promise<void> {
    const { rows, clock, log } = this.#around;
    const { name: consumer, sinceMs, workspaces } = this.consumer;
    const behind = { workspacesBehind: 0, rowsBehind: 0, oldestAtMs: 0 };
    try {
      for (let after = "", isLast = false; !isLast && !this.#isStopping;) {
        const asked = { consumer, sinceMs, workspaces, after, limit: sweepPage };
        const page = await rows.behind(asked);
        const now = clock.now();
        for (const one of page) {
          behind.workspacesBehind += 1;
          behind.rowsBehind += one.rows;
          behind.oldestAtMs = Math.min(behind.oldestAtMs || one.oldestAtMs, one.oldestAtMs);
          if (one.claimedUntilMs > now) continue;
          if (one.nextAtMs > now) this.#wait(one.workspaceId, one.nextAtMs);
          else this.#lookAgain(one.workspaceId);
        }
        after = page.at(-1)?.workspaceId ?? after;
        isLast = page.length < sweepPage;
      }
      this.#behind = behind;
    } catch (cause) {
      const message = `Workspaces that ${consumer} is behind in could not be read; they are looked for again.`;
      log({ level: "warn", code: "outbound_fault", consumer, message, cause });
    }
  }
}

/** Timers take no more than 2^31 - 1. */
const timerMsMax = 24 * 60 * 60_000;
