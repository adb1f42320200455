/**
 * Owns which consumers this node drives, and that they hear of what it appends.
 *
 * P4 hearing of an append costs the engine one entry of a set: all else happens later.
 */
import type { Consumer } from "./consumer.ts";
import { ConsumerLane, type ConsumerStats, type LaneAround } from "./consumer-lane.ts";

/** What a pump stands on. */
export interface PumpOptions extends Omit<LaneAround, "sweepMs" | "drainMs" | "claimSlackMs"> {
  /** From look to look for what no notice told; left out: 15 seconds. */
  readonly sweepMs?: number;
  /** Deliveries under way get so long when the node ends; left out: 5 seconds. */
  readonly drainMs?: number;
  /** So long after a node died in the midst of the longest delivery another one goes on; left out: 15 seconds. */
  readonly claimSlackMs?: number;
}

/** Drives consumers until it is stopped. */
export interface Pump {
  /** Told of each durable row of this node; cheap. */
  appended(workspaceId: string): void;
  /** Adds a consumer, or takes its new settings from now on. */
  put(consumer: Consumer): void;
  /** Ends what is under way for a consumer; its places stay. */
  remove(name: string): Promise<void>;
  /** Looks at once for all that a consumer has not had, also for what waits for another try. */
  wake(name: string): void;
  start(): void;
  /** See `PumpOptions.drainMs`. */
  stop(): Promise<void>;
  stats(): readonly ConsumerStats[];
}

const sweepMsDefault = 15_000;
const drainMsDefault = 5_000;
const claimSlackMsDefault = 15_000;
const freshMax = 10_000;
/** What comes meanwhile is looked at together. */
const restMs = 10;

/**
 * See the file head.
 *
 * @example
 * const pump = createPump({ rows: createCursorRows(pool), facts, clock, node, log });
 * pump.put(consumer);
 * pump.start();
 */
export function createPump(options: PumpOptions): Pump {
  const {
    sweepMs = sweepMsDefault,
    drainMs = drainMsDefault,
    claimSlackMs = claimSlackMsDefault,
  } = options;
  const lanes = new Map<string, ConsumerLane>();
  let fresh = new Set<string>();
  let isRunning = false;
  let isPlanned = false;
  let cancel = (): void => {};
  const handOut = (): void => {
    isPlanned = false;
    const taken = fresh;
    fresh = new Set();
    for (const lane of lanes.values()) for (const workspaceId of taken) lane.add(workspaceId);
  };
  return {
    appended(workspaceId) {
      // What does not fit is found by the sweep.
      if (!isRunning || lanes.size === 0 || fresh.size >= freshMax) return;
      fresh.add(workspaceId);
      if (isPlanned) return;
      isPlanned = true;
      cancel = options.clock.after(restMs, handOut);
    },
    put(consumer) {
      const known = lanes.get(consumer.name);
      if (known !== undefined) {
        known.consumer = consumer;
        return;
      }
      const lane = new ConsumerLane(consumer, { ...options, sweepMs, drainMs, claimSlackMs });
      lanes.set(consumer.name, lane);
      if (isRunning) lane.start();
    },
    async remove(name) {
      const lane = lanes.get(name);
      lanes.delete(name);
      await lane?.stop(0);
    },
    wake: (name) => lanes.get(name)?.wake(),
    start() {
      isRunning = true;
      for (const lane of lanes.values()) lane.start();
    },
    async stop() {
      isRunning = false;
      cancel();
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
    stats: () => [...lanes.values()].map((lane) => lane.stats()),
  };
}
