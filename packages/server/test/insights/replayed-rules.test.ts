import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, apply, decide, emptyState } from "@cistern/kernel";
import { createWorkspace } from "../../../kernel/test/scenario/commands.ts";
import { commandsBehind } from "../../src/insights/replayed-commands.ts";
import { lifeOfAWorkspace } from "../audit/life-of-a-workspace.ts";
import { calendar, lived } from "../audit/lived.ts";

const surrounding: ReadonlySet<Event["kind"]> = new Set([
  "workspace.updated",
  "limits.updated",
  "policy.updated",
  "policy.removed",
  "policy.accepted",
  "run.opened",
  "run.raised",
  "run.closed",
  "credit_request.created",
  "credit_request.approved",
  "credit_request.declined",
  "subscription.started",
  "subscription.changed",
  "subscription.resumed",
  "subscription.cancelled",
]);
const around = { calendar, rateCard: { id: "card", rows: [] } };

const policy = {
  id: "p",
  scope: { kind: "workspace" },
  meters: null,
  models: null,
  hours: null,
  text: { version: "1", hash: "#1" },
  mustAccept: true,
} as const;
const policed = lived([
  [1_000, createWorkspace()],
  [1_001, { kind: "putPolicy", policy }],
  [1_002, { kind: "acceptPolicy", policy: "p", member: "ana", version: "1" }],
  [1_003, { kind: "removePolicy", policy: "p" }],
]);

/** What is decided again where the fact stood, and the fact. */
function askedAgain(life: readonly Event[]): readonly (readonly [Event, Event | string])[] {
  const state = emptyState();
  const found: (readonly [Event, Event | string])[] = [];
  for (const [index, event] of life.entries()) {
    const commands = commandsBehind(event);
    const [command, ...others] = commands === "left_out" ? [] : commands;
    if (surrounding.has(event.kind) && command !== undefined && others.length === 0) {
      const decision = decide(state, command, event.at, around);
      found.push([
        event,
        decision.kind === "accepted"
          ? decision.event
          : `${command.kind}: ${decision.rejection.code}`,
      ]);
    }
    apply(state, event, { seq: index + 1, index: 0 });
  }
  return found;
}

/** How the pool is shared is what a lane tries. */
function withoutSharing(event: Event | string): unknown {
  if (typeof event === "string" || event.kind !== "workspace.updated") return event;
  const { sharing: _sharing, workspace, ...rest } = event;
  const { fairness: _fairness, ...settings } = workspace;
  return { ...rest, settings };
}

test("what surrounds calls is asked again as it was: settings, limits, policies, runs, answers to requests, plans", () => {
  const asked = [lifeOfAWorkspace(), policed].flatMap(askedAgain);
  const kinds = new Set(asked.map(([{ kind }]) => kind));
  assert.deepEqual(
    [...surrounding].filter((kind) => !kinds.has(kind)),
    [],
    "all occur",
  );
  for (const [fact, again] of asked) assert.deepEqual(withoutSharing(again), withoutSharing(fact));
});
