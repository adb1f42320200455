/** Owns how a run goes: workspaces are opened, rounds of work and trouble follow, with idle times between; then all is calm. */
import { Caller, type Street } from "./callers/caller.ts";
import { Consumer } from "./callers/consumer.ts";
import { openWorkspace } from "./callers/open-workspace.ts";
import type { Sky } from "./database/connection.ts";
import type { History } from "./history/call.ts";
import type { Node } from "./nodes/node.ts";
import type { Chance } from "./world/chance.ts";
import type { Trouble } from "./world/trouble.ts";
import { calm, stormy } from "./world/weather.ts";
import type { World } from "./world/world.ts";

/** Who and what is on the stage. */
export interface Stage {
  readonly world: World;
  readonly sky: Sky;
  readonly history: History;
  readonly nodes: readonly Node[];
  readonly workspaces: readonly string[];
  readonly street: Street;
  readonly trouble: Trouble;
  readonly chance: Chance;
  /** How many, about. */
  readonly operations: number;
  /** Workspaces live on plans. */
  readonly isBilled: boolean;
}

/** Plays one run from beginning to end. */
export async function play(stage: Stage): Promise<void> {
  const { world, sky, nodes, workspaces, street, trouble, chance, history, operations } = stage;
  await Promise.all(nodes.map((node) => node.start()));
  const callers = Array.from(
    { length: chance.between(4, 14) },
    (_, index) => new Caller(`caller-${index + 1}`, street, chance.fork(`caller-${index}`)),
  );
  const weather = stormy(chance);
  sky.weather = chance.happens(0.5) ? weather : calm;
  await Promise.all(
    workspaces.map((id) =>
      openWorkspace(id, new Caller(`operator of ${id}`, street, chance.fork(id)), {
        street,
        chance: chance.fork(id),
      }),
    ),
  );
  const consumers = workspaces.map(
    (id) =>
      new Consumer(id, {
        world,
        history,
        nodes,
        chance: chance.fork(`consumer-${id}`),
        known: street.known.get(id),
      }),
  );
  const rounds = chance.between(3, 6);
  const share = Math.ceil(operations / rounds / callers.length);
  for (let played = 0; played < rounds; played += 1) {
    sky.weather = weather;
    const round = { isOver: false };
    const reign = trouble.reign(() => round.isOver);
    const reading = Promise.all(
      consumers.map(async (consumer) => {
        while (!round.isOver) {
          await world.sleep(chance.around(60_000));
          await consumer.readPage();
        }
      }),
    );
    const watching = Promise.all(
      workspaces.map(async (workspaceId) => {
        while (!round.isOver) {
          await world.sleep(chance.around(700_000));
          await chance.pick(nodes)?.watch(workspaceId);
        }
      }),
    );
    await Promise.all(callers.map((caller) => caller.work(share)));
    round.isOver = true;
    await Promise.all([reign, reading, watching]);
    await idle(stage);
  }
  await settleDown(stage, consumers, callers);
}

const aDayUs = 86_400_000_000;

/** Nobody asks for a while; what is due happens by itself, or waits for the next who asks. */
async function idle({ world, nodes, chance, isBilled }: Stage): Promise<void> {
  const forUs = isBilled
    ? chance.pick([0, 3_000_000, 1_200_000_000, 93_600_000_000, 3 * aDayUs, 33 * aDayUs] as const)
    : chance.pick([0, 0, 3_000_000, 90_000_000, 1_200_000_000, 93_600_000_000] as const);
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
  for (const workspaceId of workspaces)
    for (let looks = 0; looks < looksMax; looks += 1)
      if ((await chance.pick(nodes)?.watch(workspaceId)) === true) break;
  for (const consumer of consumers)
    for (let pages = 0; pages < pagesMax && (await consumer.readPage()); pages += 1);
  await askWhatStands({ nodes, history, chance });
}

/** In calm the first look comes to the end of a journal; after a storm somebody may still be at it. */
const looksMax = 20;

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
