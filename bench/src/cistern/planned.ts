/**
 * A workspace with everything on: a plan with seats, included credits and gates, caps and rates, and usage that a card of a
 * thousand rows rates, with what the vendor pays for it. What it holds and is charged is what everybody does (`load/spender.ts`).
 */
import { type Command, credits } from "@cistern/kernel";
import {
  pushCatalog,
  rateCardIn,
  readCatalog,
} from "../../../packages/server/src/catalog/index.ts";
import type { BooksOptions } from "./books.ts";
import { pricedModels, pricesPerMillion } from "../load/asks.ts";
import { memberCap, membersPerWorkspace } from "../load/spender.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Node, clock, newId } from "./node.ts";
import { prepareWorkspace } from "./workspace.ts";

/** What the vendor pays itself. */
const costsPerMillion = { input_text: "2.50", cache_read: "0.25", output_text: "15" };
const includedPerSeat = 10_000;

const rateRows = pricedModels.map(
  ({ model, attributes }) =>
    ({
      meter: "chat",
      model,
      ...(attributes === null ? {} : { attributes }),
      perMillion: pricesPerMillion,
      cost: { currency: "EUR", perMillion: costsPerMillion },
    }) as const,
);

/** What the planned workspace goes by. */
const planCatalog = readCatalog(
  {
    meters: { chat: { buckets: ["input_text", "cache_read", "output_text"] } },
    rateCards: { standard: { rows: rateRows } },
    plans: {
      team: {
        currency: "EUR",
        base: { fee: "200.00", value: "150.00" },
        seats: { fee: "20.00", minimum: 3, required: true },
        included: {
          credits: String(includedPerSeat),
          per: "seat",
          value: "50.00",
          rollover: { percent: "50" },
        },
        models: ["model-*", "family-*"],
        meters: ["chat"],
        features: ["sso"],
        overage: { kind: "bill", price: "0.02" },
        spendCap: "500.00",
      },
    },
  },
  "The bench's plan",
);

export const plannedCard = rateCardIn(planCatalog);

/** What its books have beside those of others: credits that came with the plan, and how many caps count each credit. */
export const plannedBooks: BooksOptions = {
  alsoGranted: BigInt(membersPerWorkspace * includedPerSeat) * 1_000_000n,
  caps: 2n,
};

/** Has a server that starts on the node's database go by the plan's catalog: as if it had been pushed two minutes ago. */
export async function putPlanInForce({ pool }: Node): Promise<void> {
  const now = () => clock.now() - pushedBeforeMs;
  await pushCatalog(pool, planCatalog, { now, databaseNow: now, effectiveAtMs: undefined });
}

const pushedBeforeMs = 120_000;

/** Makes the workspace through the engine of a node that goes by `plannedCard`. */
export async function preparePlanned(node: Node, workspaceId: string): Promise<void> {
  await prepareWorkspace(node, workspaceId, { overage: { kind: "plan" } });
  for (const command of planCommands()) {
    const answer = await node.engine.execute({
      workspaceId,
      command,
      opId: newId("prepare"),
      fingerprint: fingerprint("/prepare", command.kind),
    });
    if (answer.kind !== "accepted")
      throw new Error(
        `${command.kind} was ${JSON.stringify(answer, (_, value) => (typeof value === "bigint" ? String(value) : value))}`,
      );
  }
}

/** A subscription, a seat for each member, and limits of several kinds beside the cap that everybody has. */
function* planCommands(): Generator<Command> {
  yield subscribe(membersPerWorkspace);
  for (let index = 0; index < membersPerWorkspace; index += 1)
    yield { kind: "assignSeat", member: `member-${index}` };
  yield {
    kind: "putLimit",
    limit: "daily",
    scope: { kind: "workspace" },
    rule: { kind: "cap", credits: credits(memberCap), window: { kind: "calendar", unit: "day" } },
  };
  yield {
    kind: "putLimit",
    limit: "requests",
    scope: { kind: "eachMember" },
    rule: { kind: "rate", unit: "requests", quantity: 1_000_000n, perMs: 1_000, burst: 1_000_000n },
  };
}

/** The plan, with so many seats. */
export function subscribe(seats: number): Command {
  const plan = planCatalog.plans.get("team");
  if (plan === undefined) throw new Error("The bench's catalog has no plan");
  return {
    kind: "putSubscription",
    subscription: newId("sub"),
    plan,
    isPinnedAnew: false,
    seats,
    when: null,
  };
}
