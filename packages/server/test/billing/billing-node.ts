/** A node of billing without HTTP: everything real but the clock, which stands where the test puts it. */
import { after } from "node:test";
import {
  type Command,
  type Instant,
  type IssuedInvoice,
  type Plan,
  type State,
  credits,
  money,
} from "@cistern/kernel";
import { Pool } from "pg";
import type { InvoicerLogEntry, IncompleteLogEntry } from "../../src/billing/index.ts";
import { billingMigrations } from "../../src/billing/index.ts";
import type { Waker } from "../../src/background/index.ts";
import { migrate } from "../../src/database/index.ts";
import type { Answer, Engine, EngineRequest } from "../../src/engine/index.ts";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import { openBilling } from "../../src/open-billing.ts";
import { projectedTo } from "../../src/open-projections.ts";
import { openWaker } from "../../src/open-waker.ts";
import { createProjector, projectionMigrations } from "../../src/projections/index.ts";
import { createWorkspace, engineOn, newId, systemClock } from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";
import { freshDatabase } from "../fresh-database.ts";

type Told = InvoicerLogEntry | IncompleteLogEntry;

/** Nodes of one database. */
export interface BillingDatabase {
  readonly pool: Pool;
  /** Another node; its invoicer runs when it is started. */
  node(options?: {
    readonly clock?: TestClock;
    /** Stands before the engine's own: for nodes that break. */
    readonly execute?: (request: EngineRequest, engine: Engine) => Promise<Answer>;
  }): BillingNode;
}

export interface BillingNode extends ReturnType<typeof openBilling> {
  readonly engine: Engine;
  readonly waker: Waker;
  readonly clock: TestClock;
  readonly told: Told[];
  /** Moves the clock on in steps, and lets what is due happen. */
  advance(ms: number): Promise<void>;
  /** A workspace on a plan. */
  subscribe(workspaceId: string, plan?: Partial<Plan>): Promise<void>;
  /** The issued invoices of a workspace, in order. */
  issued(workspaceId: string): Promise<readonly IssuedInvoice[]>;
}

const hour = 3_600_000;

/** An empty database with the tables of billing; closed after the file. */
export async function billingDatabase(): Promise<BillingDatabase> {
  const { url } = await freshDatabase();
  const pool = new Pool({ connectionString: url, max: 12 });
  pool.on("error", () => {});
  await migrate(pool, [
    ...(await journalMigrations()),
    ...(await projectionMigrations()),
    ...(await billingMigrations()),
  ]);
  const enders: (() => Promise<void>)[] = [];
  let asked = 0;
  const underWay = async <T>(work: Promise<T>): Promise<T> => {
    asked += 1;
    return await work.finally(() => {
      asked -= 1;
    });
  };
  /** Nobody waits for the engine or the database, of any node. */
  const isIdle = (): boolean =>
    asked === 0 && pool.waitingCount === 0 && pool.idleCount === pool.totalCount;
  after(async () => {
    for (const end of enders.toReversed()) await end();
    await pool.end();
  });
  return {
    pool,
    node({ clock = new TestClock(), execute = carryOut } = {}) {
      const store = postgresStore({ pool });
      const onFault = (fault: unknown): void => {
        throw fault;
      };
      const projector = createProjector({ pool, store, clock: systemClock, onFault });
      projector.start();
      const engine = engineOn(store, {
        clock,
        observer: {
          appended: (row) => {
            projector.appended(row);
            opened.invoicer.appended(row);
          },
        },
      });
      const told: Told[] = [];
      const log = (entry: Told): void => void told.push(entry);
      const calls = {
        read: <T>(workspaceId: string, question: (state: State, at: Instant) => T) =>
          underWay(engine.read(workspaceId, question)),
        execute: (request: EngineRequest) => underWay(execute(request, engine)),
      };
      const waker = openWaker({
        pool,
        engine: calls,
        rateCards: { versions: () => [] },
        clock,
        log: () => {},
      });
      const opened = openBilling({
        pool,
        engine: calls,
        projected: projectedTo({ pool, projector, clock }),
        clock,
        log,
      });
      enders.push(
        () => projector.stop(),
        () => engine.stop(),
        () => opened.stop(),
        () => waker.stop(),
      );
      return {
        ...opened,
        engine,
        waker,
        clock,
        told,
        async advance(ms) {
          const until = clock.now() + ms;
          while (clock.now() < until) {
            clock.advance(Math.min(hour, until - clock.now()));
            await quiet(opened.invoicer, isIdle);
          }
        },
        async subscribe(workspaceId, plan) {
          for (const command of [workspace(workspaceId), subscribe(plan)])
            await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
          await projector.settled();
        },
        async issued(workspaceId) {
          const answer = await engine.read(workspaceId, ({ invoices }) =>
            [...invoices.invoices.values()].flatMap((one) => (one.status === "draft" ? [] : [one])),
          );
          return answer.kind === "read" ? answer.value : [];
        },
      };
    },
  };
}

const carryOut = (request: EngineRequest, engine: Engine): Promise<Answer> =>
  engine.execute(request);

/**
 * Real work takes real time, and on a busy machine a long one: until nobody works and nothing more was issued for a moment. Time alone
 * would tell a machine that is slow from one that has done.
 */
async function quiet(
  invoicer: ReturnType<typeof openBilling>["invoicer"],
  isIdle: () => boolean,
): Promise<void> {
  let before = "";
  for (let same = 0; same < 6; same += 1) {
    const now = JSON.stringify(invoicer.stats());
    if (now !== before || !isIdle()) same = 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const plan: Plan = {
  name: "team",
  version: "team@1",
  currency: "EUR",
  cadence: { unit: "month", count: 1 },
  base: { amount: money(10_000n), standalone: money(10_000n) },
  seats: null,
  included: null,
  outcomes: [],
  minimum: null,
  overage: { kind: "deny" },
  proration: "second",
  grantStep: credits(1_000_000n),
  trialDays: 0,
  modification: "separate",
  graceMs: hour,
};

const workspace = (id: string): Command => {
  const command = createWorkspace(id);
  // The plan says what happens past the pool.
  return command.kind === "createWorkspace"
    ? { ...command, workspace: { ...command.workspace, overage: { kind: "plan" } } }
    : command;
};

const subscribe = (said: Partial<Plan> = {}): Command => ({
  kind: "putSubscription",
  subscription: newId("sub"),
  plan: { ...plan, ...said },
  isPinnedAnew: false,
  seats: null,
  when: null,
});
