/**
 * One past under two plans: three months of a customer's real calls, as its log has them, are played through the production rules, once
 * under a plan that bills what is used and once under one with a shared pool. Who would have been refused, and what would each have billed?
 */
import { join } from "node:path";
import { CisternProblem, type WorkspaceClient } from "@cistern/client";
import { type HistoryRow, defineCatalog, readHistory } from "cistern";
import { Story, print } from "./story.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "gpt-5", perMillion: { input_text: "125", output_text: "1000" } },
        {
          meter: "chat",
          model: "gpt-5-mini",
          perMillion: { input_text: "25", output_text: "200" },
        },
      ],
    },
  },
  plans: {
    metered: {
      currency: "USD",
      usage: {
        chat: { kind: "graduated", tiers: [{ upTo: 5_000, price: "0.02" }, { price: "0.015" }] },
      },
    },
    pooled: {
      currency: "USD",
      base: { fee: "100.00", value: "0.00" },
      included: { credits: "10000", value: "100.00", rollover: { percent: "50", periods: 1 } },
    },
  },
});

/** What became of the calls under a plan. */
interface Played {
  readonly plan: string;
  readonly workspace: WorkspaceClient;
  calls: number;
  /** How many, by member. */
  readonly refused: Map<string, number>;
}

const story = await Story.begin(
  "History: one past under two plans",
  "2026-01-01T00:00:00Z",
  catalog,
);
const { cistern } = story;
await cistern.createWorkspace({ id: "acme-pooled", currency: "USD" });
const played: readonly Played[] = [
  { plan: "metered", workspace: story.acme, calls: 0, refused: new Map() },
  { plan: "pooled", workspace: cistern.workspace("acme-pooled"), calls: 0, refused: new Map() },
];
for (const { plan, workspace } of played) await workspace.subscription.put({ plan });

// The log is not sorted, its times have no zone, and its columns have names of their own.
const history = readHistory({
  files: [join(import.meta.dirname, "history.csv")],
  workspace: "acme",
  meter: "chat",
  zone: "Europe/Berlin",
  map: {
    id: "request",
    member: "user",
    model: "engine",
    input_text: "prompt_tokens",
    output_text: "answer_tokens",
    occurredAt: "at",
  },
});
for await (const row of history) {
  await cistern.advanceTo(row.debit.occurredAt ?? cistern.now());
  for (const one of played) await play(one, row);
}

/** Asks first, as the product would, and settles what the log says was used. */
async function play(one: Played, { debit }: HistoryRow): Promise<void> {
  const { member, model = "", usage = {} } = debit;
  try {
    const hold = await one.workspace.authorize({ member, meter: "chat", model, estimate: usage });
    await hold.settle({ usage });
    one.calls += 1;
  } catch (error) {
    if (!(error instanceof CisternProblem)) throw error;
    one.refused.set(member, (one.refused.get(member) ?? 0) + 1);
  }
}

await story.until("2026-04-01T12:00:00Z", "Three months were played");
for (const { plan, workspace, calls, refused } of played) {
  const { data } = await workspace.invoices.list();
  console.log(`${plan}: ${calls} calls`);
  for (const [member, count] of [...refused].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`    REFUSED ${count} of ${member}`);
  for (const { issuedAt = "", total } of data)
    if (total !== undefined)
      console.log(`    ${issuedAt.slice(0, 10)} ${print(total).padStart(12)}`);
}
await story.books("2026-03");
await story.end();
