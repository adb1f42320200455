/** What the engine's tests share: a host, commands in few words, and the account of one workspace. */
import assert from "node:assert/strict";
import {
  type Command,
  type Credits,
  type RateCard,
  credits,
  instant,
  money,
  poolBalance,
} from "@cistern/kernel";
import { createCalendar } from "../../src/host/index.ts";
import {
  type Accepted,
  type Answer,
  type Engine,
  type EngineClock,
  type EngineOptions,
  createEngine,
} from "../../src/engine/index.ts";
import type { JournalStore } from "../../src/journal/index.ts";

/** 1 micro-credit a unit of `text`; attempts are free, and a thousand units of one cost the vendor 4.2 cents; an
 * image is a credit, and costs it half a cent. */
export const rateCard: RateCard = {
  id: "test",
  rows: [
    {
      id: "chat",
      meter: "chat",
      model: null,
      attributes: {},
      per: 1_000_000n,
      prices: { text: 1_000_000n },
    },
    {
      id: "attempt",
      meter: "attempt",
      model: null,
      attributes: {},
      per: 1n,
      prices: { text: 0n },
      cost: { currency: "USD", per: 1n, prices: { text: 4_200_000n } },
    },
    {
      id: "paint",
      meter: "paint",
      model: null,
      attributes: {},
      per: 1n,
      prices: { images: 1_000_000n },
      cost: { currency: "USD", per: 1n, prices: { images: 500_000_000n } },
    },
  ],
};

/** The host's own clock. */
export const systemClock: EngineClock = {
  now: () => Date.now(),
  after(ms, callBack) {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
  soon: (callBack) => void setImmediate(callBack),
};

export const calendar = createCalendar();
let made = 0;
export const newId = (prefix = "id"): string =>
  `${prefix}_${String((made += 1)).padStart(26, "0")}`;

/** An engine on a store, not started: no timers. */
export function engineOn(store: JournalStore, options: Partial<EngineOptions> = {}): Engine {
  return createEngine({
    store,
    clock: systemClock,
    newId: () => crypto.randomUUID(),
    writer: "test",
    calendar,
    rateCard: () => rateCard,
    ...options,
  });
}

/** Whole credits as the kernel counts them. */
export const whole = (amount: number | bigint): Credits => credits(BigInt(amount) * 1_000_000n);

/** A workspace that grants nothing. */
export const createWorkspace = (id: string): Command => ({
  kind: "createWorkspace",
  workspace: {
    id,
    timeZone: "UTC",
    currency: "EUR",
    overage: { kind: "deny" },
    overrun: "draw_more_then_debt",
    members: "open",
    guestsMax: 1_000,
  },
});

export const grant = (amount: number, options: { expiresAt?: number } = {}): Command => ({
  kind: "grant",
  grant: newId("grt"),
  credits: whole(amount),
  source: "purchase",
  cost: money(BigInt(amount)),
  currency: null,
  priority: 50,
  effectiveAt: null,
  expiresAt: options.expiresAt === undefined ? null : instant(options.expiresAt),
  appliesTo: null,
  reference: null,
});

export const openHold = (amount: number, options: { ttlMs?: number; member?: string } = {}) =>
  ({
    kind: "openHold",
    hold: newId("hld"),
    member: options.member ?? "ana",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: whole(amount) },
    ttlMs: options.ttlMs ?? 300_000,
    run: null,
    project: null,
    attributes: null,
  }) satisfies Command;

export const settleHold = (
  hold: string,
  amount: number,
  options: { isFinal?: boolean; fingerprint?: string | null } = {},
) =>
  ({
    kind: "settleHold",
    outcome: null,
    hold,
    amount: { kind: "credits", credits: whole(amount) },
    isFinal: options.isFinal ?? true,
    fingerprint: options.fingerprint === undefined ? fingerprint("settle") : options.fingerprint,
    recalled: null,
  }) satisfies Command;

export const releaseHold = (hold: string) =>
  ({
    kind: "releaseHold",
    hold,
    fingerprint: fingerprint("release"),
    recalled: null,
  }) satisfies Command;

export const fingerprint = (body: string): string =>
  Buffer.from(body).toString("hex").padEnd(64, "0").slice(0, 64);

/** Executes under a key of its own, or under its default key (`key: null`). */
export function execute(
  engine: Engine,
  workspaceId: string,
  command: Command,
  options: { key?: string | null; body?: string } = {},
): Promise<Answer> {
  const opId = options.key === undefined ? newId("key") : options.key;
  const own = "fingerprint" in command ? command.fingerprint : null;
  return engine.execute({
    workspaceId,
    command,
    opId,
    fingerprint: opId === null ? own : fingerprint(options.body ?? command.kind),
  });
}

/** Executes a default-key or keyed command that must be accepted. */
export async function accepted(
  engine: Engine,
  workspaceId: string,
  command: Command,
  options: { key?: string | null; body?: string } = {},
): Promise<Accepted> {
  const answer = await execute(engine, workspaceId, command, options);
  assert.equal(answer.kind, "accepted", JSON.stringify(answer, replacer));
  assert.ok(answer.kind === "accepted");
  return answer;
}

export const replacer = (_name: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}` : value;

/** A workspace with this many credits. */
export async function fundedWorkspace(engine: Engine, amount: number): Promise<string> {
  const workspaceId = `ws-${crypto.randomUUID()}`;
  await accepted(engine, workspaceId, createWorkspace(workspaceId));
  if (amount > 0) await accepted(engine, workspaceId, grant(amount));
  return workspaceId;
}

/** Whole credits available, held and consumed. */
export async function balance(engine: Engine, workspaceId: string) {
  const answer = await engine.read(workspaceId, (state) => poolBalance(state).balance);
  assert.ok(answer.kind === "read");
  const { available, held, consumed } = answer.value;
  return {
    available: Number(available / 1_000_000n),
    held: Number(held / 1_000_000n),
    consumed: Number(consumed / 1_000_000n),
  };
}
