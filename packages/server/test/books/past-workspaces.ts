/** Workspaces with a past: an engine whose clock stands where the test puts it, on the database of a server of today. */
import assert from "node:assert/strict";
import { type Command, type Event, credits, instant, money } from "@cistern/kernel";
import type { Answer, Engine } from "../../src/engine/index.ts";
import type { JournalStore } from "../../src/journal/index.ts";
import { engineOn, newId } from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";

/** An engine in the past, and its clock. */
export interface Past {
  readonly engine: Engine;
  readonly clock: TestClock;
  /** Executes a command at an instant that is not before the last one; it must be accepted. */
  at(text: string, workspaceId: string, command: Command): Promise<Event>;
  /** The same, whatever becomes of it. */
  asks(text: string, workspaceId: string, command: Command): Promise<Answer>;
}

/** Opens the past of a store. */
export function pastOn(store: JournalStore, from: string): Past {
  const clock = new TestClock(Date.parse(from));
  const engine = engineOn(store, { clock });
  const asks = (text: string, workspaceId: string, command: Command): Promise<Answer> => {
    clock.advance(Math.max(0, Date.parse(text) - clock.now()));
    const opId = command.kind === "closeMonth" ? null : newId("key");
    const fingerprint = opId === null ? null : "0".repeat(64);
    return engine.execute({ workspaceId, command, opId, fingerprint });
  };
  return {
    engine,
    clock,
    asks,
    async at(text, workspaceId, command) {
      const answer = await asks(text, workspaceId, command);
      assert(answer.kind === "accepted", JSON.stringify(answer, bigintText));
      return answer.event;
    },
  };
}

const bigintText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** A workspace that may owe. */
export const workspace = (id: string, timeZone = "UTC", currency = "EUR"): Command => ({
  kind: "createWorkspace",
  workspace: {
    id,
    timeZone,
    currency,
    overage: { kind: "debt", limit: credits(1_000_000_000n) },
    overrun: "draw_more_then_debt",
    members: "open",
    guestsMax: 10,
  },
});

/** A purchase of whole credits for minor units. */
export const purchase = (
  id: string,
  whole: number,
  given: { cost: number; from?: string; until?: string },
): Extract<Command, { readonly kind: "grant" }> => ({
  kind: "grant",
  grant: id,
  credits: credits(BigInt(whole) * 1_000_000n),
  source: "purchase",
  cost: money(BigInt(given.cost)),
  currency: null,
  priority: 50,
  effectiveAt: given.from === undefined ? null : instant(Date.parse(given.from)),
  expiresAt: given.until === undefined ? null : instant(Date.parse(given.until)),
  appliesTo: null,
  reference: null,
});

/** Use of whole credits. */
export const use = (id: string, whole: number, member = "ana"): Command => ({
  kind: "debit",
  debit: id,
  member,
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(BigInt(whole) * 1_000_000n) },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

export const close = (month: string): Command => ({ kind: "closeMonth", month });
