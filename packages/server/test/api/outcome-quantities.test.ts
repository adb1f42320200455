/** Outcomes with a quantity: minutes of meetings and of videos, on invoices, and toward a minimum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BillableOutcome,
  type Invoice,
  type InvoicePage,
  InvoiceSchema,
  type RevenueReport,
} from "@cistern/contract";
import { CisternProblem } from "@cistern/client";
import { Compile } from "typebox/compile";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  outcomes: {
    meeting_minute: { kind: "quantity" },
    video_minute: { kind: "quantity", parts: { preview: "25" } },
    clip_minute: { kind: "quantity", confirmation: true },
  },
  plans: {
    studio: {
      currency: "USD",
      outcomes: {
        meeting_minute: "0.0125",
        video_minute: {
          kind: "graduated",
          tiers: [{ upTo: 100, price: "0.075" }, { price: "0.033" }],
        },
        clip_minute: { kind: "package", per: 60, price: "0.90" },
      },
    },
    committed: {
      currency: "USD",
      outcomes: { meeting_minute: "0.50" },
      usage: { "*": "0.01" },
      minimum: { amounts: ["100.00"] },
    },
  },
});

async function subscribed(t: { after(end: () => Promise<void>): void }, plan: string) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-04-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put("/v1/workspaces/acme/subscription", { plan });
  const claim = (type: string, quantity: number, more: object = {}) =>
    cistern.post<BillableOutcome>("/v1/workspaces/acme/outcomes", { type, quantity, ...more });
  const act = (outcome: BillableOutcome, verb: string, body: object = {}) =>
    cistern.post<BillableOutcome>(`/v1/workspaces/acme/outcomes/${outcome.id}/${verb}`, body);
  const invoices = async () => {
    const { data } = await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices");
    const whole: Invoice[] = [];
    for (const { id } of data) {
      const invoice = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${id}`);
      assert.deepEqual(Compile(InvoiceSchema).Errors(invoice), []);
      whole.push(invoice);
    }
    return whole;
  };
  return { cistern, claim, act, invoices };
}

const linesOf = ({ lines }: Invoice) =>
  lines.map((line) => [
    line.description,
    `${line.quantity} ${line.unit}`,
    line.unitPriceDecimal,
    line.arithmetic,
    line.amount.amount,
  ]);

test("minutes of meetings and videos are billed by their sum, rounded once, and a part at its share", async (t) => {
  const { cistern, claim, act, invoices } = await subscribed(t, "studio");
  await cistern.advanceTo("2026-04-25T00:00:00Z");
  // One by one they would be 46 + 56 + 1.
  const meetings = [
    await claim("meeting_minute", 37),
    await claim("meeting_minute", 45),
    await claim("meeting_minute", 1),
  ];
  assert.deepEqual(
    meetings.map(({ status, quantity }) => [status, quantity]),
    [
      ["billed", 37],
      ["billed", 45],
      ["billed", 1],
    ],
  );
  await claim("video_minute", 90);
  await claim("video_minute", 31);
  await claim("video_minute", 10, { part: "preview" });
  const clips = await claim("clip_minute", 61);
  const waiting = await claim("clip_minute", 500);
  assert.equal(waiting.status, "claimed");
  await act(clips, "confirm", { attestor: "zoe" });
  await cistern.advanceTo("2026-05-01T02:00:00Z");
  const [april] = await invoices();
  assert(april !== undefined);
  assert.deepEqual(linesOf(april), [
    ["Outcomes, meeting_minute", "83 outcomes", "0.0125", "83 x 0.0125", "104"],
    ["Outcomes, video_minute", "121 outcomes", undefined, "100 x 0.075 + 21 x 0.033", "819"],
    [
      "Outcomes, video_minute (preview)",
      "10 outcomes",
      "0.033",
      "10 at 25 %: 2.5 x 0.033, rounded with all that counts with it",
      "9",
    ],
    ["Outcomes, clip_minute", "61 outcomes", undefined, "2 x 0.90 for 60 each", "180"],
  ]);
  assert.equal(april.total.amount, "1112");
  // What is taken back is what the minutes had added: 104 - 48.
  await act(meetings[1] ?? clips, "reopen");
  await claim("meeting_minute", 1);
  await cistern.advanceTo("2026-06-01T02:00:00Z");
  const [same, may] = await invoices();
  assert(same !== undefined && may !== undefined);
  assert.deepEqual(linesOf(same), linesOf(april), "an issued invoice never changes");
  assert.deepEqual(linesOf(may), [
    ["Outcomes reversed, meeting_minute", "-45 outcomes", "0.0125", "-45 x 0.0125", "-56"],
    ["Outcomes, meeting_minute", "1 outcomes", "0.0125", "1 x 0.0125", "1"],
  ]);
});

test("a quantity is a whole number of at least one", async (t) => {
  const { claim } = await subscribed(t, "studio");
  for (const quantity of [0, -1, 1.5])
    await assert.rejects(claim("meeting_minute", quantity), (error) => {
      assert(error instanceof CisternProblem);
      return error.code === "invalid_request";
    });
});

test("minutes count toward a minimum, and those taken back in the next month leave theirs at its minimum", async (t) => {
  const { cistern, claim, act, invoices } = await subscribed(t, "committed");
  await cistern.advanceTo("2026-04-25T00:00:00Z");
  const long = await claim("meeting_minute", 120);
  await cistern.workspace("acme").debit({ member: "ana", credits: "1500" });
  await cistern.advanceTo("2026-05-01T02:00:00Z");
  await act(long, "reopen");
  await cistern.advanceTo("2026-06-01T02:00:00Z");
  await claim("meeting_minute", 300);
  await cistern.advanceTo("2026-07-01T02:00:00Z");
  const kinds = (await invoices()).map(({ lines, total }) => [
    ...lines.map(({ kind, amount, arithmetic }) =>
      kind === "shortfall" ? [kind, amount.amount, arithmetic] : [kind, amount.amount],
    ),
    total.amount,
  ]);
  assert.deepEqual(kinds, [
    [
      ["outcome", "6000"],
      ["usage", "1500"],
      ["shortfall", "2500", "100.00 committed - 75.00 used"],
      "10000",
    ],
    [
      ["outcome_reversed", "-6000"],
      ["shortfall", "6000", "100.00 committed - 15.00 used - 25.00 charged before"],
      ["shortfall", "10000", "100.00 committed - 0.00 used"],
      "10000",
    ],
    [["outcome", "15000"], "15000"],
  ]);
  const report = await cistern.get<RevenueReport>("/v1/books/revenue?month=2026-04");
  assert.deepEqual(
    report.data.map(({ kind, amount }) => [kind, amount]),
    [
      ["Outcomes", "60.00"],
      ["Shortfall", "25.00"],
      ["Usage", "15.00"],
    ],
  );
});
