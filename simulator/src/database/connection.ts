/**
 * Owns the way between one node and the database: when a statement is executed, whether it is, and what its sender learns.
 *
 * N1 a statement that fails with outcome `none` was not executed and never will be. N2 with outcome `unknown` it was, or was
 * not, or will be, also after its sender gave up. N3 a statement is executed whole, at one instant.
 */
import { StoreFault } from "cistern/journal";
import type { Append, AppendOutcome, JournalStore } from "cistern/journal";
import type { Chance } from "../world/chance.ts";
import type { FaultCounts } from "../world/fault-counts.ts";
import type { Weather } from "../world/weather.ts";
import type { World } from "../world/world.ts";
import type { Database } from "./database.ts";

/** What every connection of a run shares. Mutable: weather and outages come and go. */
export interface Sky {
  weather: Weather;
  /** Until when the database does not answer, microseconds. */
  downUntilUs: number;
  /** Counts restarts, so that statements in flight know that their backend is gone. */
  restarts: number;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly world: World;
  readonly database: Database;
  readonly sky: Sky;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly sharesStatements: boolean;
  /** Whether the process at this end still lives: nobody hears the answers of a dead one. */
  readonly isAlive: () => boolean;
  /** Hands an answer to the process, at once or when it wakes. */
  readonly hand: (run: () => void) => void;
}

/** A connection: the store as a node sees it, and the database's clock. */
export interface Connection {
  readonly store: JournalStore;
  readonly databaseNowMs: () => Promise<number>;
}

/** See the file head. */
export function connect(parts: ConnectionParts): Connection {
  const { database } = parts;
  const read = <T>(execute: () => T): Promise<T> => send(parts, "read", execute);
  const write = <T>(execute: () => T): Promise<T> => send(parts, "write", execute);
  const store: JournalStore = {
    sharesStatements: parts.sharesStatements,
    // It does not, so that what leaves ahead often comes too early: that must cost time and nothing else.
    keepsOrder: true,
    append: (appends: readonly Append[]): Promise<readonly AppendOutcome[]> =>
      write(() => database.append(appends)),
    readHead: (workspaceId, opIds) => read(() => database.readHead(workspaceId, opIds)),
    readRows: (workspaceId, afterSeq, limit) =>
      read(() => database.readRows(workspaceId, afterSeq, limit)),
    readCold: (workspaceId, limit) => read(() => database.readCold(workspaceId, limit)),
    readManifests: (workspaceId) => read(() => database.readManifests(workspaceId)),
    readPages: (manifest) => read(() => database.readPages(manifest)),
    writeSnapshot: (manifest, changed) => write(() => database.writeSnapshot(manifest, changed)),
  };
  return { store, databaseNowMs: () => read(() => database.nowMs) };
}

type Fate =
  | "done"
  | "slow"
  | "lost"
  | "replyLost"
  | "doubled"
  | "delayed"
  | "40001"
  | "40P01"
  | "refused";

function send<T>(parts: ConnectionParts, kind: "read" | "write", execute: () => T): Promise<T> {
  const { world, sky, chance } = parts;
  const fate = fateOf(parts, kind);
  const thereUs = 50 + chance.around(fate === "slow" ? 80_000 : 300);
  const backUs = 50 + chance.around(fate === "slow" ? 40_000 : 300);
  return new Promise((resolve, reject) => {
    const tell = (delayUs: number, run: () => void): void => {
      world.schedule(delayUs, () => {
        if (parts.isAlive()) parts.hand(run);
      });
    };
    const fail = (delayUs: number, fault: StoreFault): void => tell(delayUs, () => reject(fault));
    const restartsAtStart = sky.restarts;
    const executeOnce = (isHeard: boolean): void => {
      if (world.nowUs < sky.downUntilUs || sky.restarts !== restartsAtStart) {
        if (isHeard) fail(backUs, connectionLost(kind));
        return;
      }
      const result = attempt(execute);
      if (!isHeard) return;
      // The backend may go down before its answer is out: then nobody knows.
      world.schedule(backUs, () => {
        if (!parts.isAlive()) return;
        if (sky.restarts !== restartsAtStart) parts.hand(() => reject(connectionLost(kind)));
        else if (result.kind === "failed") parts.hand(() => reject(result.error));
        else parts.hand(() => resolve(result.value));
      });
    };
    carry(parts, { fate, kind, thereUs, backUs, fail, executeOnce });
  });
}

/** A moment of the statement's life for each fate. */
function carry(
  { world, chance, counts }: ConnectionParts,
  way: {
    readonly fate: Fate;
    readonly kind: "read" | "write";
    readonly thereUs: number;
    readonly backUs: number;
    readonly fail: (delayUs: number, fault: StoreFault) => void;
    readonly executeOnce: (isHeard: boolean) => void;
  },
): void {
  const { fate, kind, thereUs, backUs, fail, executeOnce } = way;
  const givesUpUs = thereUs + backUs + chance.around(20_000);
  switch (fate) {
    case "done":
      world.schedule(thereUs, () => executeOnce(true));
      return;
    case "slow":
      counts.statementsSlow += 1;
      world.schedule(thereUs, () => executeOnce(true));
      return;
    case "lost":
      counts.statementsLost += 1;
      return fail(givesUpUs, connectionLost(kind));
    case "replyLost":
      counts.statementRepliesLost += 1;
      world.schedule(thereUs, () => executeOnce(false));
      return fail(givesUpUs, connectionLost(kind));
    case "doubled":
      counts.statementsDoubled += 1;
      world.schedule(thereUs, () => executeOnce(true));
      world.schedule(thereUs + chance.around(3_000), () => executeOnce(false));
      return;
    case "delayed":
      counts.commitsDelayed += 1;
      world.schedule(givesUpUs + chance.around(100_000), () => executeOnce(false));
      return fail(givesUpUs, connectionLost(kind));
    case "40001":
      counts.serializationFailures += 1;
      return fail(thereUs + backUs, notDone("40001", "could not serialize access"));
    case "40P01":
      counts.deadlocks += 1;
      return fail(thereUs + backUs, notDone("40P01", "deadlock detected"));
    case "refused":
      counts.connectionsRefused += 1;
      return fail(thereUs, notDone("57P01", "terminating connection"));
  }
}

function fateOf({ world, sky, chance }: ConnectionParts, kind: "read" | "write"): Fate {
  if (world.nowUs < sky.downUntilUs) return "refused";
  const { weather } = sky;
  const one = chance.fraction();
  const writes: readonly (readonly [Fate, number])[] = [
    ["doubled", weather.statementDoubled],
    ["delayed", weather.commitDelayed],
    ["40001", weather.serializationFailure],
    ["40P01", weather.deadlock],
  ];
  const fates: readonly (readonly [Fate, number])[] = [
    ["slow", weather.statementSlow],
    ["lost", weather.statementLost],
    ["replyLost", weather.statementReplyLost],
    ["refused", weather.connectionRefused],
    ...(kind === "write" ? writes : []),
  ];
  let limit = 0;
  for (const [fate, probability] of fates) {
    limit += probability;
    if (one < limit) return fate;
  }
  return "done";
}

type Executed<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: StoreFault };

function attempt<T>(execute: () => T): Executed<T> {
  try {
    return { kind: "done", value: execute() };
  } catch (error) {
    if (error instanceof StoreFault) return { kind: "failed", error };
    throw error;
  }
}

/** Of a read it does not matter whether it was executed. */
const connectionLost = (kind: "read" | "write"): StoreFault =>
  new StoreFault("The connection was lost.", {
    code: "08006",
    isRetryable: true,
    outcome: kind === "read" ? "none" : "unknown",
  });

const notDone = (code: string, message: string): StoreFault =>
  new StoreFault(message, { code, isRetryable: true, outcome: "none" });
