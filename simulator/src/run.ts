/** Owns one run: a world made from a seed, callers and trouble in it, calm at the end, and what was seen. */
import type { EngineLimits } from "cistern/engine";
import type { Street } from "./callers/caller.ts";
import { KnownBilling } from "./callers/known-billing.ts";
import { type Focus, Known } from "./callers/known.ts";
import { Post } from "./callers/post.ts";
import type { Sky } from "./database/connection.ts";
import { Database } from "./database/database.ts";
import { type History, emptyHistory } from "./history/call.ts";
import { Node, type Surrounding } from "./nodes/node.ts";
import { chooseLimits } from "./nodes/choose-limits.ts";
import type { PlantedBug } from "./planted/planted-bug.ts";
import { type Stage, play } from "./stage.ts";
import { Chance } from "./world/chance.ts";
import { type FaultCounts, noFaults } from "./world/fault-counts.ts";
import { Trouble } from "./world/trouble.ts";
import { calm } from "./world/weather.ts";
import { World } from "./world/world.ts";

/** What one run left behind. */
export interface Run {
  readonly seed: number;
  readonly history: History;
  readonly database: Database;
  readonly workspaces: readonly string[];
  readonly counts: FaultCounts;
  readonly startMs: number;
  readonly limits: Partial<EngineLimits>;
  /** Virtual time that passed. */
  readonly us: number;
  readonly operations: number;
  /** Whether everybody came to an end in time. */
  readonly isOver: boolean;
}

/** More virtual time than any run may take, and more that happens in it. */
const bounds = { untilUs: 400 * 3_600_000_000, happeningsMax: 500_000 };
const boundsBilled = { untilUs: 200 * 24 * 3_600_000_000, happeningsMax: 500_000 };

/** Operations of one run, about: a history that is long enough to wear caches, snapshots and windows out. */
const operationsAim = 760;

/** How a run is: with a bug planted, of another length, with workspaces that live on plans, with more of something. Each makes another history. */
export interface RunOptions {
  readonly bug?: PlantedBug;
  readonly operations?: number;
  readonly isBilled?: boolean;
  /** What callers do most, beside spending. */
  readonly focus?: Focus | undefined;
  /** With a pool alone, which is shared by a policy. */
  readonly isShared?: boolean;
}

/** Runs one seed. */
export async function run(
  seed: number,
  { bug, operations = operationsAim, isBilled = false, isShared = false, focus }: RunOptions = {},
): Promise<Run> {
  const scene = setUp(seed, { operations, bug, isBilled, isShared, focus });
  const { world } = scene;
  const end = { isReached: false };
  const playing = scene.play().finally(() => {
    end.isReached = true;
  });
  const isInTime = await world.run(() => end.isReached, isBilled ? boundsBilled : bounds);
  if (isInTime) await playing;
  const { database, counts, history, workspaces } = scene;
  return {
    seed,
    history,
    database,
    workspaces,
    counts,
    startMs: world.startMs,
    limits: scene.limits,
    us: world.nowUs,
    operations: scene.operations(),
    isOver: isInTime,
  };
}

function setUp(
  seed: number,
  {
    operations,
    bug,
    isBilled,
    focus,
    isShared,
  }: {
    operations: number;
    bug: PlantedBug | undefined;
    isBilled: boolean;
    focus: Focus | undefined;
    isShared: boolean;
  },
) {
  const chance = new Chance(seed, "run");
  const counts = noFaults();
  const history = emptyHistory();
  const [month, hour] = [chance.between(0, 11), chance.between(0, 23)];
  // Where there are plans, a month ends soon after the start.
  const startMs = isBilled
    ? Date.UTC(2026, month + 1, 0, 23, 59, 40)
    : Date.UTC(2026, month, 28, hour, 59, 40);
  const world = new World(startMs);
  const database = new Database(world, chance.fork("database"), counts, bug);
  const sky: Sky = { weather: calm, downUntilUs: 0, restarts: 0 };
  const limits = chooseLimits(chance.fork("limits"));
  const sharesStatements = chance.happens(0.5);
  const around: Surrounding = {
    world,
    database,
    sky,
    counts,
    history,
    limits,
    sharesStatements,
    bug,
  };
  const nodes = Array.from(
    { length: chance.pick([1, 2, 2, 3, 3, 4] as const) },
    (_, index) => new Node(`node-${index + 1}`, around, chance.fork(`node-${index}`)),
  );
  const workspaces = Array.from(
    { length: chance.pick([1, 2, 3, 4] as const) },
    (_, index) => `ws-${index + 1}`,
  );
  let number = 0;
  let ids = 0;
  const street: Street = {
    world,
    post: new Post({ world, sky, counts, history, chance: chance.fork("post") }),
    nodes,
    known: new Map(
      workspaces.map((id) => {
        const billing = isBilled ? { billing: new KnownBilling() } : {};
        return [id, new Known({ ...billing, isShared, focus })];
      }),
    ),
    newNumber: () => (number += 1),
    newId: (prefix) => `${prefix}${String((ids += 1)).padStart(8, "0")}`,
  };
  const trouble = new Trouble({
    world,
    sky,
    database,
    nodes,
    counts,
    history,
    chance: chance.fork("trouble"),
  });
  const stage: Stage = {
    world,
    sky,
    history,
    nodes,
    workspaces,
    street,
    trouble,
    chance,
    operations,
    isBilled,
  };
  return {
    world,
    database,
    counts,
    history,
    workspaces,
    limits,
    operations: () => number,
    play: () => play(stage),
  };
}
