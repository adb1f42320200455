/**
 * Owns when workspaces are begun again whose consumer takes nothing of any.
 *
 * B1 while it is away one workspace at a time is tried, and no other is begun: a thousand that wait do not knock a thousand times. B2 each try that fails makes
 * the pause longer; what was begun before the absence says nothing of it. B3 the first try that gets an answer ends it, and all go on at once.
 */

/** See the file head. Mutable. */
export class Absence {
  readonly #retryMs: (failures: number) => number;
  #failures = 0;
  #untilMs = 0;
  #trying: string | undefined;

  constructor(retryMs: (failures: number) => number) {
    this.#retryMs = retryMs;
  }

  /** B1. */
  mayBegin(nowMs: number): boolean {
    return this.#failures === 0 || (this.#trying === undefined && nowMs >= this.#untilMs);
  }

  /** The pause is over, whatever the clock says: timers may be a moment early. */
  due(): void {
    this.#untilMs = 0;
  }

  begun(workspaceId: string): void {
    if (this.#failures > 0) this.#trying = workspaceId;
  }

  /** B2. The pause that begins with it; undefined: it says nothing new. */
  away(workspaceId: string, nowMs: number): number | undefined {
    if (this.#failures > 0 && this.#trying !== workspaceId) return undefined;
    this.#failures += 1;
    const pauseMs = Math.ceil(this.#retryMs(this.#failures));
    this.#untilMs = nowMs + pauseMs;
    return pauseMs;
  }

  /** B3. Whether an absence ends with it. */
  answered(workspaceId: string): boolean {
    if (this.#trying !== workspaceId) return false;
    this.end();
    return true;
  }

  /** Also without an answer: there was nothing to deliver. */
  ended(workspaceId: string): void {
    if (this.#trying === workspaceId) this.#trying = undefined;
  }

  end(): void {
    this.#failures = 0;
    this.#trying = undefined;
  }
}
