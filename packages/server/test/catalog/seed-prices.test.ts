/** Rows from the real price list, and what of it is refused. */
import assert from "node:assert/strict";
import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Usage, apply, decide, emptyState, instant } from "@cistern/kernel";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import * as fc from "fast-check";
import {
  CatalogFault,
  type ListedModel,
  decimal,
  readCatalog,
  seedRows,
} from "../../src/catalog/index.ts";
import { namesOf } from "../../src/catalog/listed-prices.ts";
import { createCalendar } from "../../src/host/index.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = await temporaryFolder();
after(() => folder.remove());

const atMs = Date.UTC(2026, 10, 27);
const options = { provider: "openai", models: "*", meter: "chat", atMs };
const seeded = (list: readonly ListedModel[], models = "*", creditsPerDollar = decimal("130")) =>
  seedRows(list, { ...options, models, creditsPerDollar });
const listOf = (providerId: string) => findProvider({ providerId })?.models ?? assert.fail();

/** A card of rows for one model, as the kernel gets it. */
function cardOf({ rows, buckets }: ReturnType<typeof seeded>) {
  const meters = { chat: { buckets } };
  const { rateCards } = readCatalog({ meters, rateCards: { standard: { rows } } }, "seeded");
  return rateCards.get("standard") ?? assert.fail();
}

/** What a debit of this usage is charged, and costs the vendor, by the rules. */
function rated(rateCard: ReturnType<typeof cardOf>, model: string, usage: Usage) {
  const state = emptyState();
  const at = instant(atMs);
  const around = { calendar: createCalendar(), rateCard };
  const run = (command: Parameters<typeof decide>[1], seq: number) => {
    const decision = decide(state, command, at, around);
    assert.ok(decision.kind === "accepted", "a debit is accepted");
    apply(state, decision.event, { seq, index: 0 });
    return decision.event;
  };
  run(
    {
      kind: "createWorkspace",
      workspace: {
        id: "acme",
        timeZone: "UTC",
        currency: "USD",
        overage: { kind: "deny" },
        overrun: "draw_more_then_debt",
        members: "open",
        guestsMax: 10,
      },
    },
    1,
  );
  const call = { member: "ana", meter: "chat", model, run: null, project: null, attributes: null };
  const amount = { kind: "usage", usage } as const;
  const event = run({ ...call, kind: "debit", debit: "d", amount, occurredAt: null }, 2);
  assert.ok(event.kind === "usage.debited");
  return event;
}

for (const [providerId, model] of [
  ["openai", "gpt-5"],
  ["openai", "gpt-5.6-luna"],
  ["anthropic", "claude-sonnet-4-5"],
] as const)
  test(`what ${model} costs is what the package works out, at every length of context, and is charged with the markup`, () => {
    const rateCard = cardOf(seeded(listOf(providerId), model));
    const tokens = fc.nat({ max: 150_000 });
    const usages = fc.record({
      input_text: tokens,
      cache_read: tokens,
      cache_write_5m: tokens,
      output_text: tokens,
      output_reasoning: tokens,
    });
    const property = fc.property(usages, (usage) => {
      const { charged, cost } = rated(rateCard, model, usage);
      // Theirs are totals, of which ours are parts.
      const theirs = calcPrice(
        {
          input_tokens: usage.input_text + usage.cache_read + usage.cache_write_5m,
          cache_read_tokens: usage.cache_read,
          cache_write_tokens: usage.cache_write_5m,
          output_tokens: usage.output_text + usage.output_reasoning,
        },
        model,
        { providerId, timestamp: new Date(atMs) },
      );
      const dollars = Number(cost?.nanos ?? 0n) / 1e11;
      assert.ok(Math.abs(dollars - (theirs?.total_price ?? 0)) < 1e-9, `${dollars}`);
      // 130 credits a dollar: 13 micro-credits are 10,000 of these.
      const exact = Number((cost?.nanos ?? 0n) * 13n) / 10_000;
      assert.ok(Math.abs(Number(charged) - exact) <= 0.5, `${charged} for ${exact}`);
    });
    fc.assert(property, { numRuns: 50 });
  });

const plain = (prices: ListedModel["prices"]): ListedModel => ({
  id: "m",
  match: { or: [{ equals: "m" }, { starts_with: "m-" }, { ends_with: "/m" }, { contains: "xm" }] },
  prices,
});

test("each name of a model has a row, and prices are taken by their text, however small", () => {
  const list = [plain({ input_mtok: 1e-7, output_mtok: 0.1 })];
  const { rows, notes } = seeded(list, "*", decimal("3"));
  assert.deepEqual(
    rows.map((row) => row.model),
    ["m", "m-*"],
  );
  for (const clashing of ["*/m", "*xm*"])
    assert.ok(
      notes.some((note) => note.startsWith(`${clashing} is left out: it prices calls that row`)),
      notes.join("\n"),
    );
  assert.deepEqual(rows[0]?.perMillion?.["input_text"], "0.0000003");
  assert.deepEqual(rows[0]?.perMillion?.["output_text"], "0.3");
  assert.deepEqual(rows[0]?.cost?.perMillion?.["input_text"], "0.0000001");
});

test("of prices that change by date those of the instant are taken", () => {
  const dated = plain([
    { prices: { input_mtok: 1 } },
    { constraint: { type: "start_date", start_date: "2026-08-01" }, prices: { input_mtok: 2 } },
    { constraint: { type: "start_date", start_date: "2027-01-01" }, prices: { input_mtok: 3 } },
  ]);
  const at = (ms: number) =>
    seedRows([dated], { ...options, creditsPerDollar: decimal("1"), atMs: ms }).rows[0]?.perMillion;
  const prices = [Date.UTC(2026, 6, 31), Date.UTC(2026, 7, 1), Date.UTC(2027, 0, 1)].map(
    (ms) => at(ms)?.["input_text"],
  );
  assert.deepEqual(prices, ["1", "2", "3"]);
});

test("what a rate card cannot say is refused, all of it at once", () => {
  const list = [
    plain({ input_mtok: 1, hologram_mtok: 2, constructor: 3 }),
    { ...plain([{ constraint: { type: "time_of_date" }, prices: { input_mtok: 1 } }]), id: "n" },
    { ...plain({ audio_hours: 1, input_audio_hours: 2 }), id: "o" },
  ];
  assert.throws(
    () => seeded(list),
    (fault) => {
      assert.ok(fault instanceof CatalogFault);
      const places = fault.problems.map(({ path }) => path);
      assert.deepEqual(places, [
        "/m/hologram_mtok",
        "/m/constructor",
        "/n",
        "/o/input_audio_hours",
      ]);
      return true;
    },
  );
  assert.throws(() => seeded(list, "none*"), /has no model none\* with a price/);
});

/** All that the package has; it exports no list of them. */
const providers =
  `anthropic arcee avian aws azure baseten cerebras cloudflare cohere cursor deepseek doubleword fireworks
  github-copilot google groq huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic
  huggingface_nebius huggingface_novita huggingface_nscale huggingface_ovhcloud huggingface_publicai
  huggingface_sambanova huggingface_together minimax mistral modal moonshotai novita openai openrouter ovhcloud
  perplexity quicksilverpro together typesafe voyageai x-ai zai zhipuai`.split(/\s+/);

test("what is printed of every provider is a sound catalog, and each model that is not has its reason", () => {
  assert.equal(providers.length, 43);
  for (const provider of providers) {
    const list = listOf(provider);
    const { rows, buckets, notes } = seeded(list);
    assert.ok(rows.length > 0, provider);
    assert.equal(cardOf({ rows, buckets, notes }).rows.length, rows.length, provider);
    const patterns = rows.map(({ model }) => model);
    for (const { id, match } of list) {
      const names = namesOf(match);
      const own = names.length === 0 ? [id] : names;
      const isTold = (name: string) => notes.some((note) => note.startsWith(`${name} `));
      for (const name of own)
        assert.ok(patterns.includes(name) || isTold(name) || isTold(id), `${provider} ${name}`);
    }
  }
});

async function seed(...args: string[]) {
  const cistern = startCistern({}, "catalog", "seed-prices", ...args);
  return { code: await cistern.ended(), stdout: cistern.stdout(), stderr: cistern.stderr() };
}

test("what the command prints is a sound catalog's rows, and its costs are those of the list until one is changed", async () => {
  const chosen = ["--provider", "openai", "--models", "gpt-5*"];
  const printed = await seed(...chosen, "--markup", "1.3", "--credit-value", "0.01USD");
  assert.equal(printed.code, 0, printed.stderr);
  const [, buckets = ""] = /needs the buckets (.*)\.$/m.exec(printed.stderr) ?? [];
  const rows: unknown = JSON.parse(printed.stdout);
  const meters = { chat: { buckets: buckets.split(", ") } };
  const text = JSON.stringify({ meters, rateCards: { standard: { rows } } });
  const file = join(folder.path, "seeded.json");
  await writeFile(file, text);
  const same = await seed(...chosen, "--check", file);
  assert.match(same.stdout, /^\d\d rows compared: 0 differences, 0 rows that the list/);
  assert.equal(same.code, 0);
  const [found, other] = ['"cost":{"currency":"USD","perMillion":{"input_text":"1.25"', '"1.2"'];
  assert.ok(text.includes(found));
  await writeFile(file, text.replace(found, found.replace('"1.25"', other)));
  const changed = await seed(...chosen, "--check", file);
  assert.match(
    changed.stdout,
    /^~ standard chat\/gpt-5 input_text: the catalog says 1\.2, the list 1\.25 USD a million\n\d\d rows compared: 1 difference/,
  );
  assert.equal(changed.code, 1);
});

test("the command says what it lacks, and ends with 2", async () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [["--credit-value", "1USD"], /--provider/],
    [["--provider", "nobody", "--credit-value", "1USD"], /no provider of the list has this id/],
    [["--provider", "openai"], /say what a credit is sold for/],
    [["--provider", "openai", "--credit-value", "1EUR"], /is no amount in USD/],
    [["--provider", "openai", "--credit-value", "0USD"], /no decimal above 0/],
    [
      ["--provider", "deepseek", "--models", "deepseek-chat", "--credit-value", "1USD"],
      /time_of_date/,
    ],
  ];
  for (const [args, words] of wrong) {
    const { code, stdout, stderr } = await seed(...args);
    assert.match(stderr, words);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
  }
});

test("rows can be printed as TypeScript", async () => {
  const args = ["--provider", "openai", "--models", "gpt-5", "--credit-value", "0.01USD"];
  const { stdout } = await seed(...args, "--format", "ts");
  assert.match(
    stdout,
    /^\/\/ chat: \{ buckets: \[.*\] \}\n\{\n {2}meter: "chat",\n {2}model: "gpt-5",\n/,
  );
});

test("nothing loads the list but the command, and that only when it runs", async () => {
  const found: string[] = [];
  for await (const file of glob(join(import.meta.dirname, "../../src/**/*.ts")))
    for (const line of (await readFile(file, "utf8")).split("\n"))
      if (/(from|import\() ?"@pydantic/.test(line)) found.push(line.trim());
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] ?? "", /await import\("@pydantic\/genai-prices"\)/);
});
