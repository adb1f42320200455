/** Closing months over HTTP, in all workspaces, and after a crash; the journals are of the past, the server is of today. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { closeBooks } from "../../src/books/index.ts";
import { createCalendar } from "../../src/host/index.ts";
import { postgresStore, workspaceIds } from "../../src/journal/index.ts";
import { startApi } from "../api/api-server.ts";
import { pastOn, purchase, use, workspace } from "./past-workspaces.ts";

const api = await startApi();
const pool = api.server.node.database.openPool({ purpose: "past", connectionsMax: 1 });
const past = pastOn(postgresStore({ pool }), "2026-01-15T12:00:00Z");

suite("a close", () => {
  test("is answered the same when it is asked for again, under whatever key (K5)", async () => {
    await past.at("2026-01-15T12:00:00Z", "twice", workspace("twice", "Europe/Berlin"));
    const [first, again] = [
      await api.post("/v1/workspaces/twice/closings", { month: "2026-01" }),
      await api.post("/v1/workspaces/twice/closings", { month: "2026-01" }),
    ];
    assert.equal(first.status, 201, first.text);
    assert.equal(first.headers.get("idempotency-replayed"), null);
    assert.equal(first.body["start"], "2025-12-31T23:00:00Z");
    assert.equal(first.body["end"], "2026-01-31T23:00:00Z");
    assert.equal(again.status, 201, again.text);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    assert.deepEqual(again.body, first.body);
    const events = await api.get("/v1/workspaces/twice/events");
    assert.deepEqual(
      events.rows().map((event) => [event["type"], event["subject"]]),
      [
        ["workspace.created", "twice"],
        ["period.closed", "2026-01"],
      ],
    );
  });

  test("of many callers at once is one event", async () => {
    await past.at("2026-01-15T12:00:00Z", "race", workspace("race"));
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        api.post("/v1/workspaces/race/closings", { month: "2026-01" }),
      ),
    );
    for (const answer of answers) assert.deepEqual(answer.body, answers[0]?.body, answer.text);
    assert.equal((await api.get("/v1/workspaces/race/events")).rows().length, 2);
  });

  test("out of order, too early or malformed is refused with what to do", async () => {
    await past.at("2026-01-15T12:00:00Z", "order", workspace("order"));
    const ask = (month: string) => api.post("/v1/workspaces/order/closings", { month });
    const late = await ask("2026-03");
    assert.equal(late.status, 422);
    assert.match(late.textAt("detail"), /close 2026-01 first/);
    assert.match((await ask("2025-12")).textAt("detail"), /begins in 2026-01/);
    assert.match((await ask("9000-01")).textAt("detail"), /close 2026-01 first/);
    assert.equal((await ask("2026-13")).at("violations.0.pointer"), "/month");
    assert.equal(
      (await api.post("/v1/workspaces/nobody/closings", { month: "2026-01" })).status,
      404,
    );
  });

  test("refuses what is dated into the month, which says from when on it may be", async () => {
    await past.at("2026-01-15T12:00:00Z", "fence", workspace("fence"));
    await api.post("/v1/workspaces/fence/closings", { month: "2026-01" });
    const grant = (effectiveAt: string) =>
      api.post("/v1/workspaces/fence/grants", { credits: "10", source: "purchase", effectiveAt });
    const refused = await grant("2026-01-31T23:59:59.999Z");
    assert.equal(refused.status, 409, refused.text);
    assert.equal(refused.body["code"], "period_closed");
    assert.match(refused.textAt("detail"), /Date it at or after 2026-02-01T00:00:00Z/);
    assert.equal((await grant("2026-02-01T00:00:00Z")).status, 201);
  });

  test("by the key of its own workspace is let through, of all books it is not", async () => {
    const made = await api.post("/v1/keys", { name: "k", scopes: ["admin"], workspace: "twice" });
    const bound = { apiKey: made.textAt("key") };
    const own = await api.post("/v1/workspaces/twice/closings", { month: "2026-01" }, bound);
    assert.equal(own.status, 201, own.text);
    assert.equal((await api.post("/v1/books/closings", { month: "2026-01" }, bound)).status, 403);
    assert.equal((await api.get("/v1/books/revenue?month=2026-01", bound)).status, 403);
  });
});

suite("closing all books", () => {
  test("closes every earlier month too, skips who begins later, and does nothing a second time", async () => {
    await past.at("2026-03-10T12:00:00Z", "march", workspace("march"));
    const first = await api.post("/v1/books/closings", { month: "2026-02" });
    assert.equal(first.status, 200, first.text);
    assert.deepEqual(first.body["refused"], []);
    assert.equal(first.body["notBegun"], 1);
    const second = await api.post("/v1/books/closings", { month: "2026-02" });
    assert.deepEqual(second.body, {
      ...first.body,
      closed: 0,
      closedBefore: first.body["closed"],
    });
    const months = (await api.get("/v1/workspaces/order/events"))
      .rows()
      .map((event) => event["subject"]);
    assert.deepEqual(months, ["order", "2026-01", "2026-02"]);
  });

  test("goes on where a run broke off", async () => {
    const engine = api.server.node.engine;
    for (const id of ["crash-1", "crash-2", "crash-3"])
      await past.at("2026-03-10T12:00:00Z", id, workspace(id));
    let left = 1;
    const broken = closeBooks({
      engine: {
        read: (id, question) => engine.read(id, question),
        execute: (request) => {
          left -= 1;
          return left < 0
            ? Promise.reject(new Error("The machine is gone."))
            : engine.execute(request);
        },
      },
      calendar: createCalendar(),
      workspaces: () => workspaceIds(pool),
      month: "2026-04",
    });
    await assert.rejects(broken, /The machine is gone/);
    const again = await api.post("/v1/books/closings", { month: "2026-04" });
    assert.deepEqual(again.body["refused"], [], again.text);
    for (const id of ["crash-1", "crash-2", "crash-3"]) {
      const months = (await api.get(`/v1/workspaces/${id}/events`)).rows();
      assert.deepEqual(
        months.map((event) => event["subject"]),
        [id, "2026-03", "2026-04"],
      );
    }
  });

  test("tells which month is not over, and where", async () => {
    const month = Temporal.Now.plainDateISO("UTC").toPlainYearMonth().add({ months: 1 }).toString();
    const { body } = await api.post("/v1/books/closings", { month });
    const [first] = Object.values(body["refused"] ?? {});
    assert.match(JSON.stringify(first), /is not over/);
  });
});

test("the reports of a month are the same as JSON, as CSV, and in the accounts of the kernel", async () => {
  await past.at("2026-05-02T12:00:00Z", "shop", workspace("shop"));
  await past.at("2026-05-03T12:00:00Z", "shop", purchase("grt_s1", 1_000, { cost: 10_000 }));
  await past.at("2026-05-04T12:00:00Z", "shop", use("dbt_s1", 250));
  await past.at("2026-06-04T12:00:00Z", "shop", use("dbt_s2", 250));
  await past.at(
    "2026-06-05T12:00:00Z",
    "shop",
    purchase("grt_s2", 100, { cost: 900, until: "2026-06-20T00:00:00Z" }),
  );
  await past.at("2026-06-25T12:00:00Z", "shop", use("dbt_s3", 100));
  const read = (name: string, more = "") =>
    api.get(`/v1/books/${name}?month=2026-06&workspace=shop${more}`);
  assert.deepEqual((await read("roll-forward")).rows(), [
    {
      workspace: "shop",
      currency: "EUR",
      opening: "75.00",
      billed: "9.00",
      recognised: "44.00",
      refunded: "0.00",
      moved: "0.00",
      closing: "40.00",
    },
  ]);
  assert.deepEqual((await read("revenue")).rows(), [
    { kind: "Breakage", currency: "EUR", amount: "9.00" },
    { kind: "Usage", currency: "EUR", amount: "35.00" },
  ]);
  assert.deepEqual((await read("credits-outstanding")).rows(), [
    {
      workspace: "shop",
      grant: "grt_s1",
      since: "2026-05-03",
      ageDays: 58,
      credits: "400.000000",
      currency: "EUR",
      deferred: "40.00",
    },
  ]);
  assert.deepEqual((await read("breakage", "&expectedBps=1000")).rows(), [
    {
      currency: "EUR",
      span: "month",
      recognised: "44.00",
      breakage: "9.00",
      estimated: "4.40",
      difference: "4.60",
    },
    {
      currency: "EUR",
      span: "to_date",
      recognised: "69.00",
      breakage: "9.00",
      estimated: "6.90",
      difference: "2.10",
    },
  ]);
  assert.deepEqual((await read("unbilled")).rows(), []);
  const balance = await read("trial-balance", "&format=csv");
  assert.match(balance.headers.get("content-type") ?? "", /^text\/csv/);
  assert.equal(
    balance.text,
    [
      "account,commodity,opening,debit,credit,closing",
      "Assets:Receivable,EUR,100.00,9.00,0.00,109.00",
      "Equity:Credits:Consumed,CREDIT,-250.000000,0.000000,350.000000,-600.000000",
      "Equity:Credits:Expired,CREDIT,0.000000,0.000000,100.000000,-100.000000",
      "Equity:Credits:Issued,CREDIT,1000.000000,100.000000,0.000000,1100.000000",
      "Liabilities:Credits,CREDIT,-750.000000,450.000000,100.000000,-400.000000",
      "Liabilities:Deferred,EUR,-75.00,44.00,9.00,-40.00",
      "Revenue:Breakage,EUR,0.00,0.00,9.00,-9.00",
      "Revenue:Usage,EUR,-25.00,0.00,35.00,-60.00",
      "total,CREDIT,0.000000,550.000000,550.000000,0.000000",
      "total,EUR,0.00,53.00,53.00,0.00",
      "",
    ].join("\r\n"),
  );
  const accepted = await api.get("/v1/books/unbilled?month=2026-06&workspace=shop", {
    headers: { accept: "text/csv" },
  });
  assert.equal(accepted.text, "workspace,currency,opening,accrued,billed,closing\r\n");
  assert.equal((await api.get("/v1/books/revenue?month=2026-06&workspace=nobody")).status, 404);
});

test("a month that has not begun anywhere is refused, with the field", async () => {
  for (const name of ["trial-balance", "breakage"]) {
    const { status, ...answer } = await api.get(`/v1/books/${name}?month=9998-01`);
    assert.equal(status, 422);
    assert.equal(answer.at("violations.0.pointer"), "/month");
    assert.match(answer.textAt("violations.0.detail"), /9998-01 has not begun/);
  }
});

test("a closed month is reported as it was closed, whatever comes after", async () => {
  const open = await api.get("/v1/books/trial-balance?month=2026-06");
  assert.equal(open.body["status"], "provisional");
  const closed = await api.post("/v1/books/closings", { month: "2026-06" });
  assert.deepEqual(closed.body["refused"], []);
  const before = await api.get("/v1/books/trial-balance?month=2026-06");
  assert.deepEqual(before.body, { ...open.body, status: "closed" });
  await past.at("2026-07-04T12:00:00Z", "shop", use("dbt_s4", 1));
  const after = await api.get("/v1/books/trial-balance?month=2026-06");
  assert.deepEqual(after.body, before.body);
});
