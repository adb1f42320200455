/** Owns one run: a world made from a seed, callers and trouble in it, calm at the end, and what was seen. */
import type { EngineLimits } from "cistern/engine";
import { Caller, type Street } from "./callers/caller.ts";
import { Consumer } from "./callers/consumer.ts";
import { Known } from "./callers/known.ts";
import { openWorkspace } from "./callers/open-workspace.ts";
import { Post } from "./callers/post.ts";
import type { Sky } from "./database/connection.ts";
import { Database } from "./database/database.ts";
import { type History, emptyHistory } from "./history/call.ts";
import { Node, type Surrounding } from "./nodes/node.ts";
import type { PlantedBug } from "./planted/planted-bug.ts";
import { Chance } from "./world/chance.ts";
import { type FaultCounts, noFaults } from "./world/fault-counts.ts";
import { Trouble } from "./world/trouble.ts";
import { calm, stormy } from "./world/weather.ts";
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
const bounds = { untilUs: 400 * 3_600_000_000, happeningsMax: 3_000_000 };

/** Runs one seed, with a bug planted or without. */
export async function run(seed: number, bug?: PlantedBug): Promise<Run> {
  const scene = setUp(seed, bug);
  const { world } = scene;
  let isOver = false;
  const play = scene.play().then(() => {
    isOver = true;
  });
  const isInTime = await world.run(() => isOver, bounds);
  if (isInTime) await play;
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

function setUp(seed: number, bug: PlantedBug | undefined) {
  const chance = new Chance(seed, "run");
  const counts = noFaults();
  const history = emptyHistory();
  const startMs = Date.UTC(2026, chance.between(0, 11), 28, chance.between(0, 23), 59, 40);
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
    { length: chance.pick([1, 1, 2, 3] as const) },
    (_, index) => `ws-${index + 1}`,
  );
  let number = 0;
  let ids = 0;
  const street: Street = {
    world,
    post: new Post({ world, sky, counts, history, chance: chance.fork("post") }),
    nodes,
    known: new Map(workspaces.map((id) => [id, new Known()])),
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
  const parts = { world, sky, history, nodes, workspaces, street, trouble, chance };
  return {
    world,
    database,
    counts,
    history,
    workspaces,
    limits,
    operations: () => number,
    play: () => play(parts),
  };
}

interface Stage {
  readonly world: World;
  readonly sky: Sky;
  readonly history: History;
  readonly nodes: readonly Node[];
  readonly workspaces: readonly string[];
  readonly street: Street;
  readonly trouble: Trouble;
  readonly chance: Chance;
}

async function play(stage: Stage): Promise<void> {
  const { world, sky, nodes, workspaces, street, trouble, chance, history } = stage;
  await Promise.all(nodes.map((node) => node.start()));
  const callers = Array.from(
    { length: chance.between(4, 14) },
    (_, index) => new Caller(`caller-${index + 1}`, street, chance.fork(`caller-${index}`)),
  );
  const weather = stormy(chance);
  sky.weather = chance.happens(0.5) ? weather : calm;
  await Promise.all(
    workspaces.map((id, index) => {
      const operator = callers[index % callers.length];
      if (operator === undefined) return undefined;
      return openWorkspace(id, operator, { street, chance: chance.fork(id) });
    }),
  );
  const consumers = workspaces.map(
    (id) => new Consumer(id, { world, history, nodes, chance: chance.fork(`consumer-${id}`) }),
  );
  const rounds = chance.between(3, 6);
  const share = Math.ceil(operationsAim / rounds / callers.length);
  for (let round = 0; round < rounds; round += 1) {
    sky.weather = weather;
    let isRoundOver = false;
    const reign = trouble.reign(() => isRoundOver);
    const reading = Promise.all(
      consumers.map(async (consumer) => {
        while (!isRoundOver) {
          await world.sleep(chance.around(60_000));
          await consumer.readPage();
        }
      }),
    );
    await Promise.all(callers.map((caller) => caller.work(share)));
    isRoundOver = true;
    await Promise.all([reign, reading]);
    await idle(stage);
  }
  await settleDown(stage, consumers, callers);
}

/** Operations of one run, about. */
const operationsAim = 760;

const aDayUs = 86_400_000_000;

/** Nobody asks for a while; what is due happens by itself, or waits for the next who asks. */
async function idle({ world, nodes, chance }: Stage): Promise<void> {
  const forUs = chance.pick([0, 0, 3_000_000, 90_000_000, 1_200_000_000, 93_600_000_000] as const);
  // A day of ticks would be all work and no news: for so long the machines are off.
  if (forUs > aDayUs) {
    await world.sleep(5_000_000);
    for (const node of nodes) node.sleep(forUs - 1_000_000);
  }
  await world.sleep(forUs);
}

/** Calm: all nodes live and have right clocks, everybody reads the end, and each acknowledged answer is asked for again. */
async function settleDown(
  { world, sky, nodes, workspaces, history, chance, street }: Stage,
  consumers: readonly Consumer[],
  callers: readonly Caller[],
): Promise<void> {
  sky.weather = calm;
  await world.sleep(30_000_000);
  for (const node of nodes) {
    node.setClock(0);
    if (!node.isUp) await node.start();
  }
  await world.sleep(30_000_000);
  history.calmFromUs = world.nowUs;
  for (const workspaceId of workspaces)
    for (const caller of callers.slice(0, 4)) {
      const number = street.newNumber();
      await caller.insist({ kind: "read", number, workspaceId, question: { kind: "balance" } });
    }
  for (const consumer of consumers)
    for (let pages = 0; pages < pagesMax && (await consumer.readPage()); pages += 1);
  await askWhatStands({ nodes, history, chance });
}

/** A journal that is not broken is read to its end in fewer. */
const pagesMax = 3_000;

/** Asks of acknowledged answers whether the journal still has them; of all of them, where rows were lost. */
async function askWhatStands({
  nodes,
  history,
  chance,
}: Pick<Stage, "nodes" | "history" | "chance">): Promise<void> {
  for (const { number, ask, reply } of history.calls) {
    if (ask.kind !== "command" || reply?.kind !== "answer") continue;
    const { answer } = reply;
    if (answer.kind !== "accepted") continue;
    const { position, hash } = answer;
    const node = chance.pick(nodes);
    const page = await node?.events(ask.request.workspaceId, { ...position, hash }, 1);
    if (page === undefined) continue;
    history.standing.push({ call: number, isLost: page.kind === "cursor_lost" });
  }
}

function chooseLimits(chance: Chance): Partial<EngineLimits> {
  return {
    batchRequestsMax: chance.pick([1, 4, 64, 512] as const),
    batchDueMax: chance.pick([1, 3, 16] as const),
    workspacesCachedMax: chance.pick([1, 2, 100] as const),
    rowsCachedMax: chance.pick([40, 400, 1_000_000] as const),
    statementsInFlightMax: chance.between(1, 3),
    statementAppendsMax: chance.pick([1, 2, 256] as const),
    storeRetryMsMax: chance.pick([200, 1_500, 5_000] as const),
    queuedMax: chance.pick([6, 64, 4_096] as const),
    queueWaitMsMax: chance.pick([300, 2_000] as const),
    replayRowsMax: chance.pick([2, 16, 128] as const),
    keysRememberedMax: chance.pick([2, 40, 4_096] as const),
    recallsMax: chance.between(1, 4),
    pastReadsMax: chance.between(1, 3),
    snapshotEventsMin: chance.pick([5, 40, 512] as const),
    clockCheckMs: chance.pick([500, 5_000] as const),
    tickMs: chance.pick([100, 1_000, 5_000] as const),
  };
}
