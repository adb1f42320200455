/**
 * Owns one node: an engine with a clock, a connection and a life of its own. A crash drops the engine with all that it knew;
 * a restart makes a new one on the same database.
 */
import { instant } from "@cistern/kernel";
import type { RateCard } from "@cistern/kernel";
import { EngineFault, createEngine } from "cistern/engine";
import type { Engine, EngineLimits, FeedCursor, FeedPage } from "cistern/engine";
import { type JournalStore, StoreFault } from "cistern/journal";
import { createWatcher } from "cistern/watching";
import { type Sky, connect } from "../database/connection.ts";
import type { Database } from "../database/database.ts";
import type { Ask, History, Reply } from "../history/call.ts";
import { plantBeforeEngine } from "../planted/door-bugs.ts";
import type { PlantedBug } from "../planted/planted-bug.ts";
import { plantInRules } from "../planted/rule-bugs.ts";
import { plantInStore } from "../planted/store-bugs.ts";
import { plantInWatch } from "../planted/watch-bugs.ts";
import type { Chance } from "../world/chance.ts";
import type { FaultCounts } from "../world/fault-counts.ts";
import { utcCalendar } from "../world/utc-calendar.ts";
import { type World, usPerMs } from "../world/world.ts";
import { answerQuestion } from "./answer-question.ts";
import { Life } from "./life.ts";
import { notedEngine } from "./noted-engine.ts";
import { watchRows } from "./watch-rows.ts";

/** The prices of the simulated world. */
export const rateCard: RateCard = {
  id: "card-1",
  rows: [
    {
      id: "row-chat",
      meter: "chat",
      model: null,
      attributes: {},
      per: 1_000_000n,
      prices: { input_text: 2_500_000n },
      cost: { currency: "USD", per: 1_000n, prices: { input_text: 37_503n } },
    },
    {
      id: "row-image",
      meter: "image",
      model: "px",
      attributes: {},
      per: 1_000_000n,
      prices: { images: 40_000_007n },
      cost: { currency: "USD", per: 1_000n, prices: { images: 400_000_007_501n } },
    },
    {
      id: "row-storage",
      meter: "storage",
      model: null,
      attributes: {},
      isLevel: true,
      per: 3_600_000n,
      prices: { gib: 10_007n },
    },
  ],
};

const rateCards = [rateCard, { ...rateCard, id: "card-2" }] as const;
const cardLastsMs = 7_000;

/** Two versions with the same rows, in turn: what changes is the version that prices, at an instant that all nodes know. */
export const rateCardAt = (at: number): RateCard =>
  Math.floor(at / cardLastsMs) % 2 === 0 ? rateCards[0] : rateCards[1];

/** What the nodes of one run share. */
export interface Surrounding {
  readonly world: World;
  readonly database: Database;
  readonly sky: Sky;
  readonly counts: FaultCounts;
  readonly history: History;
  readonly limits: Partial<EngineLimits>;
  readonly sharesStatements: boolean;
  readonly bug: PlantedBug | undefined;
}

/** See the file head. */
export class Node {
  readonly name: string;
  readonly #around: Surrounding;
  readonly #chance: Chance;
  #life: Life;
  #engine: Engine | undefined;
  #store: JournalStore | undefined;
  readonly #watchChance: Chance;
  #lives = 0;
  #ids = 0;
  #aheadMs = 0;

  constructor(name: string, around: Surrounding, chance: Chance) {
    this.name = name;
    this.#around = around;
    this.#chance = chance;
    this.#watchChance = chance.fork("watch");
    this.#life = new Life(around.world, 0);
    this.setClock(chance.between(-150, 150));
  }

  get isUp(): boolean {
    return this.#engine !== undefined;
  }

  /** This node's clock, milliseconds since 1970. */
  get nowMs(): number {
    return this.#around.world.nowMs + this.#aheadMs;
  }

  setClock(aheadMs: number): void {
    this.#aheadMs = aheadMs;
    this.#around.history.clocks.push({
      node: this.name,
      atUs: this.#around.world.nowUs,
      aheadMs,
    });
  }

  /** Begins a new life. Resolves when the engine serves; never, where the life ends before. */
  async start(): Promise<void> {
    const { world, history } = this.#around;
    this.crash();
    this.#lives += 1;
    const life = new Life(world, this.#lives);
    this.#life = life;
    history.starts.push({ node: this.name, life: life.number, atUs: world.nowUs });
    const engine = this.#makeEngine(life);
    await engine.start();
    if (life.isAlive) this.#engine = plantBeforeEngine(engine, this.#around.bug);
  }

  /** The process is gone, with all that it knew. */
  crash(): void {
    this.#life.end();
    this.#engine = undefined;
  }

  /** The process ends as it should: it answers what it has, and takes nothing more. */
  async stop(): Promise<void> {
    const engine = this.#engine;
    const life = this.#life;
    if (engine === undefined) return;
    await engine.stop();
    if (this.#life === life) this.crash();
  }

  sleep(forUs: number): void {
    this.#life.sleep(forUs);
  }

  /** Answers a call that arrived here. Nothing is heard of a call whose process ended. */
  receive(ask: Ask, reply: (reply: Reply) => void): void {
    if (this.#engine === undefined) return reply({ kind: "unreachable" });
    const engine = this.#engine;
    const life = this.#life;
    life.hand(() => void this.#answer(engine, ask, life, reply));
  }

  async #answer(
    engine: Engine,
    ask: Ask,
    life: Life,
    reply: (reply: Reply) => void,
  ): Promise<void> {
    const heard = await answer(engine, ask);
    if (life.isAlive) reply(heard);
  }

  /** Reads a page of the feed; undefined when the node cannot. */
  async events(
    workspaceId: string,
    after: FeedCursor,
    limit: number,
  ): Promise<FeedPage | undefined> {
    const engine = this.#engine;
    const life = this.#life;
    if (engine === undefined) return undefined;
    return new Promise((resolve) => {
      // A process that ends, or that is asleep for long, is not waited for.
      this.#around.world.schedule(5_000_000, () => resolve(undefined));
      life.hand(() => {
        engine.events(workspaceId, after, limit).then(resolve, (error: unknown) => {
          if (error instanceof EngineFault) return resolve(undefined);
          throw error;
        });
      });
    });
  }

  /** Watches over a workspace as far as its journal goes; whether it came to the end. */
  async watch(workspaceId: string): Promise<boolean> {
    const [engine, store] = [this.#engine, this.#store];
    const life = this.#life;
    if (engine === undefined || store === undefined) return false;
    const { world, database, sky, history, bug } = this.#around;
    const hand = (run: () => void): void => life.hand(run);
    const noted = notedEngine(engine, {
      node: this.name,
      world,
      history,
      isAlive: () => life.isAlive,
    });
    const watcher = createWatcher({
      engine: plantInWatch(noted, bug),
      store,
      rows: watchRows({ world, database, sky, hand, chance: this.#watchChance }),
      calendar: utcCalendar,
      newId: (prefix) => `${prefix}_${this.name}.${life.number}.${(this.#ids += 1)}`,
    });
    return new Promise((resolve) => {
      // A process that ends, or that is asleep for long, is not waited for.
      world.schedule(20_000_000, () => resolve(false));
      hand(() => {
        watcher.follow(workspaceId).then(
          () => resolve(true),
          (error: unknown) => {
            if (!(error instanceof EngineFault) && !(error instanceof StoreFault)) throw error;
            resolve(false);
          },
        );
      });
    });
  }

  #makeEngine(life: Life): Engine {
    const { world, database, sky, counts, history, limits, sharesStatements, bug } = this.#around;
    const chance = this.#chance;
    const connection = connect({
      world,
      database,
      sky,
      chance: chance.fork("connection"),
      counts,
      sharesStatements,
      isAlive: () => life.isAlive,
      hand: (run) => life.hand(run),
    });
    const newId = (): string => `${this.name}.${life.number}.${(this.#ids += 1)}`;
    this.#store = connection.store;
    return createEngine({
      store: plantInStore(connection.store, bug, newId),
      clock: {
        now: () => this.nowMs,
        after: (ms, callBack) => life.later(ms * usPerMs, callBack),
        soon: (callBack) => life.later(chance.between(0, 30), callBack),
      },
      newId,
      writer: this.name,
      calendar: utcCalendar,
      rateCard: (_workspaceId, at) => rateCardAt(at),
      clockDistanceMs: () => this.#distance(life, connection.databaseNowMs),
      limits,
      rules: plantInRules(bug, () => this.nowMs),
      observer: {
        tailLost: (loss) => history.losses.push({ node: this.name, atUs: world.nowUs, loss }),
      },
      log: ({ level, code, message, cause }) => {
        if (level === "error")
          history.incidents.push({
            atUs: world.nowUs,
            text: `${this.name}: ${code}: ${message}${stackOf(cause)}`,
          });
      },
    });
  }

  /** What is certain: the database's clock was read between two looks at our own. */
  async #distance(life: Life, databaseNowMs: () => Promise<number>): Promise<number> {
    const before = this.nowMs;
    const there = await databaseNowMs();
    const after = this.nowMs;
    const distanceMs = Math.max(0, before - there, there - after);
    const { history, world, bug } = this.#around;
    const at = { node: this.name, life: life.number, atUs: world.nowUs };
    history.compared.push({ ...at, distanceMs });
    return bug === "clockNeverCompared" ? 0 : distanceMs;
  }
}

async function answer(engine: Engine, ask: Ask): Promise<Reply> {
  try {
    if (ask.kind === "command")
      return { kind: "answer", answer: await engine.execute(ask.request) };
    return { kind: "read", answer: await read(engine, ask) };
  } catch (error) {
    if (error instanceof EngineFault)
      return { kind: "fault", code: error.code, message: error.message };
    return { kind: "broken", message: error instanceof Error ? `${error.stack}` : String(error) };
  }
}

function read(engine: Engine, { workspaceId, question }: Extract<Ask, { kind: "read" }>) {
  switch (question.kind) {
    case "hold":
      return engine.hold(workspaceId, question.hold);
    case "quote":
      return engine.quote(workspaceId, question.command);
    case "balanceAt":
      return engine.readAt(workspaceId, instant(question.instantMs), answerQuestion(question));
    case "balance":
    case "billing":
    case "allowance":
    case "share":
      return engine.read(workspaceId, answerQuestion(question));
  }
}

const stackOf = (cause: unknown): string => (cause instanceof Error ? `\n${cause.stack}` : "");
