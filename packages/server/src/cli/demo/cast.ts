/** Who plays in the demo: three customers of one vendor, each with another way to run short. */
import type { Cistern } from "@cistern/client";
import { printCredits } from "@cistern/contract";
import type { TraceRequest } from "./trace.ts";

/** A member of the demo and the weight of its draw. */
export interface Player {
  readonly workspace: string;
  readonly member: string;
}

/** A trace request dealt to a player. */
export interface DealtRequest extends TraceRequest, Player {
  /** The provider failed before any output: the hold is released. */
  readonly fails: boolean;
}

interface Customer {
  readonly id: string;
  readonly timeZone: string;
  readonly members: readonly string[];
  /** Share of the trace's requests. */
  readonly traffic: number;
  /** Credits granted, as a percentage of what its requests will cost. */
  readonly poolPercent: bigint;
}

const people = ["ana", "ben", "chloe", "dev", "emma"];
const agents = ["triage", "review", "refactor", "tests", "docs", "release", "deps", "search"];

/** The customers: a team, a fleet of agents, and a small shop that pays as it goes. */
export const customers: readonly Customer[] = [
  { id: "northwind", timeZone: "Europe/Berlin", members: people, traffic: 0.35, poolPercent: 105n },
  { id: "helios", timeZone: "America/New_York", members: agents, traffic: 0.5, poolPercent: 70n },
  {
    id: "lumen",
    timeZone: "Asia/Tokyo",
    members: ["yuki", "ren"],
    traffic: 0.15,
    poolPercent: 60n,
  },
];

/** Prices of the demo's model in micro-credits per million tokens, as the server quotes them. */
export interface Prices {
  readonly input: bigint;
  readonly output: bigint;
}

/** Deals the trace to the players, by a seeded draw in which a few members make most of the calls. */
export function deal(trace: readonly TraceRequest[], seed: number): readonly DealtRequest[] {
  const random = mulberry32(seed);
  return trace.map((request) => {
    const customer = draw(customers, (one) => one.traffic, random());
    const members = customer.members.map((member, index) => ({
      member,
      weight: 1 / (index + 1) ** 1.1,
    }));
    const { member } = draw(members, (one) => one.weight, random());
    return { ...request, workspace: customer.id, member, fails: random() < 0.03 };
  });
}

/** Credits (micro) that the dealt requests of a workspace will cost. */
export function demandOf(
  workspace: string,
  dealt: readonly DealtRequest[],
  prices: Prices,
): bigint {
  let demand = 0n;
  for (const one of dealt)
    if (one.workspace === workspace && !one.fails)
      demand +=
        (BigInt(one.inputTokens) * prices.input + BigInt(one.outputTokens) * prices.output) /
        1_000_000n;
  return demand;
}

/** Creates the workspaces with their members, pools and limits. */
export async function setStage(
  cistern: Cistern,
  dealt: readonly DealtRequest[],
  prices: Prices,
): Promise<void> {
  for (const { id, timeZone, members, poolPercent } of customers) {
    await cistern.createWorkspace({ id, name: id, timeZone, currency: "EUR" });
    const ws = cistern.workspace(id);
    const pool = (demandOf(id, dealt, prices) * poolPercent) / 100n;
    await ws.grant({
      credits: printCredits(pool),
      source: "purchase",
      cost: { amount: String(pool / 1_000_000n), currency: "EUR" },
    });
    await ws.put.group("team");
    if (id === "helios") await ws.put.member("mara", { kind: "person", groups: ["team"] });
    for (const member of members)
      await ws.put.member(
        member,
        id === "helios"
          ? { kind: "agent", groups: ["team"], sponsor: "mara" }
          : { kind: "person", groups: ["team"] },
      );
    await setLimits(cistern, id, pool);
  }
}

async function setLimits(cistern: Cistern, id: string, pool: bigint): Promise<void> {
  const ws = cistern.workspace(id);
  if (id === "northwind")
    await ws.put.limit("ana-daily", {
      scope: { kind: "member", id: "ana" },
      cap: { credits: printCredits((pool * 30n) / 100n), window: "day" },
    });
  if (id === "helios") {
    await ws.put.limit("each-agent-hourly", {
      scope: { kind: "eachMember" },
      cap: { credits: printCredits((pool * 25n) / 100n), window: "hour" },
    });
    await ws.put.limit("mara-all-agents", {
      scope: { kind: "member", id: "mara" },
      cap: { credits: null, window: "hour" },
    });
    await ws.put.limit("triage-rate", {
      scope: { kind: "member", id: "triage" },
      rate: { requests: 40, per: "PT1S", burst: 60 },
    });
  }
}

function draw<T>(choices: readonly T[], weightOf: (choice: T) => number, chance: number): T {
  const total = choices.reduce((sum, choice) => sum + weightOf(choice), 0);
  let left = chance * total;
  for (const choice of choices) {
    left -= weightOf(choice);
    if (left < 0) return choice;
  }
  const last = choices.at(-1);
  if (last === undefined) throw new Error("There is nothing to draw from.");
  return last;
}

/** A small seeded generator, so that the demo plays the same each time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
