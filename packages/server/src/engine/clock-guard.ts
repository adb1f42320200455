/**
 * Owns whether this node may decide: its clock must be near the database's (RULES 21). A comparison that fails changes
 * nothing; a database that is gone decides nothing anyway.
 */
import { EngineFault } from "./engine-fault.ts";
import type { EngineClock, EngineLogEntry } from "./engine-options.ts";

/** See the file head. */
export class ClockGuard {
  readonly #clock: EngineClock;
  readonly #distanceMs: (() => Promise<number>) | undefined;
  readonly #limits: { clockDistanceMsMax: number; clockCheckMs: number };
  readonly #log: (entry: EngineLogEntry) => void;
  #distance = 0;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: {
    clock: EngineClock;
    distanceMs: (() => Promise<number>) | undefined;
    limits: { clockDistanceMsMax: number; clockCheckMs: number };
    log: (entry: EngineLogEntry) => void;
  }) {
    this.#clock = options.clock;
    this.#distanceMs = options.distanceMs;
    this.#limits = options.limits;
    this.#log = options.log;
  }

  get isRight(): boolean {
    return this.#distance <= this.#limits.clockDistanceMsMax;
  }

  /** Compares once, then again and again. */
  async start(): Promise<void> {
    if (this.#distanceMs === undefined) return;
    await this.#compare(this.#distanceMs);
    this.#later(this.#distanceMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  faultFor(workspaceId: string): EngineFault | undefined {
    if (this.isRight) return undefined;
    return new EngineFault("unavailable", {
      workspaceId,
      message: `This node's clock is ${Math.round(this.#distance)} ms from the database's; it decides nothing until that is at most ${this.#limits.clockDistanceMsMax} ms.`,
      retryAfterMs: this.#limits.clockCheckMs,
    });
  }

  #later(distanceMs: () => Promise<number>): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(this.#limits.clockCheckMs, () => {
      void this.#compare(distanceMs).then(() => this.#later(distanceMs));
    });
  }

  async #compare(distanceMs: () => Promise<number>): Promise<void> {
    const wasRight = this.isRight;
    try {
      this.#distance = await distanceMs();
    } catch (cause) {
      this.#log({
        level: "warn",
        code: "clock_unchecked",
        message: "The database did not tell its clock; this node goes by the last comparison.",
        cause,
      });
      return;
    }
    if (wasRight === this.isRight) return;
    const distance = `This node's clock is ${Math.round(this.#distance)} ms from the database's`;
    this.#log(
      this.isRight
        ? { level: "info", code: "clock_right", message: `${distance}; it decides again.` }
        : {
            level: "error",
            code: "clock_wrong",
            message: `${distance}; it decides nothing. Set it right.`,
          },
    );
  }
}
