/**
 * Owns which workspaces are in memory: at most so many, with at most so many rows, the least used leave first.
 *
 * A1 only an idle workspace leaves, and the journal has everything that it knew. Mutable: the map, in order of use by second
 * chance (a workspace that was used since the last look goes to the end instead of leaving).
 */
import type { Counters } from "./counters.ts";
import type { EngineLimits } from "./engine-options.ts";
import type { Lane } from "./lane.ts";
import type { WeighedLane } from "./lane-around.ts";

/** Events that make a snapshot worth its while when a workspace leaves memory. */
const leavingEventsMin = 128;

/** Workspaces that one request looks at to make room. */
const looksMax = 512;

/** See the file head. */
export class Lanes {
  readonly #limits: EngineLimits;
  readonly #counters: Counters;
  readonly #open: (workspaceId: string) => Lane;
  readonly #byWorkspace = new Map<string, Lane>();
  readonly #weights = new Map<WeighedLane, number>();
  #weight = 0;

  constructor(limits: EngineLimits, counters: Counters, open: (workspaceId: string) => Lane) {
    this.#limits = limits;
    this.#counters = counters;
    this.#open = open;
  }

  get size(): number {
    return this.#byWorkspace.size;
  }

  /** Rows in memory. */
  get weight(): number {
    return this.#weight;
  }

  all(): Iterable<Lane> {
    return this.#byWorkspace.values();
  }

  of(workspaceId: string): Lane {
    const known = this.#byWorkspace.get(workspaceId);
    if (known !== undefined) return known;
    // Room is made first: the one that comes has nothing to do yet, and must not be the one that leaves.
    this.#evict(this.#limits.workspacesCachedMax - 1);
    const lane = this.#open(workspaceId);
    this.#byWorkspace.set(workspaceId, lane);
    return lane;
  }

  /** Takes note of what a lane weighs now, and makes room where it can. */
  weigh(lane: WeighedLane): void {
    if (this.#byWorkspace.get(lane.workspaceId) !== lane) return;
    this.#weight += lane.weight - (this.#weights.get(lane) ?? 0);
    this.#weights.set(lane, lane.weight);
    this.#evict(this.#limits.workspacesCachedMax);
  }

  #evict(workspacesMax: number): void {
    const { rowsCachedMax } = this.#limits;
    // Twice round, since the first look may find all of them used; what is left over is looked at the next time.
    for (let looks = Math.min(2 * this.#byWorkspace.size, looksMax); looks > 0; looks -= 1) {
      const isOver = this.#byWorkspace.size > workspacesMax || this.#weight > rowsCachedMax;
      if (!isOver) return;
      const [lane] = this.#byWorkspace.values();
      if (lane === undefined) return;
      this.#byWorkspace.delete(lane.workspaceId);
      if (lane.wasUsed || !lane.isIdle) {
        lane.wasUsed = false;
        this.#byWorkspace.set(lane.workspaceId, lane);
      } else this.#leave(lane);
    }
  }

  #leave(lane: Lane): void {
    this.#counters.evictions += 1;
    this.#weight -= this.#weights.get(lane) ?? 0;
    this.#weights.delete(lane);
    void lane.save(leavingEventsMin);
  }
}
