/** C4: what a catalog says does not depend on the order in which its names were written. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Catalog, loadCatalog, readCatalog } from "../../src/catalog/index.ts";

const catalog = {
  meters: {
    image: { buckets: ["images"] },
    api: { buckets: ["calls", "bytes"] },
    disk: { buckets: ["gib"], kind: "level" },
  },
  rateCards: {
    standard: {
      rows: [
        { perUnit: { images: "1" }, meter: "image", attributes: { size: "l", quality: "hd" } },
        { perUnit: { calls: "2", bytes: "0" }, meter: "api" },
        { perUnit: { gib: "3" }, meter: "disk" },
      ],
    },
  },
  outcomes: {
    resolution: { kind: "conversation", parts: { half: "50", a_tenth: "10" } },
    document: { kind: "quantity" },
  },
  plans: {
    team: {
      seats: { fee: "5.00" },
      currency: "USD",
      usage: { image: "1.00", api: "0.50", "*": "0.10" },
      allowances: {
        image: { images: { included: "5" } },
        disk: { gib: { included: "1" } },
        api: { calls: { included: "9", per: "seat" }, bytes: { included: "7" } },
      },
      outcomes: { resolution: "0.99", document: "0.05" },
      followedBy: { plan: "later", after: 2 },
    },
    later: { currency: "USD", seats: { fee: "6.00" }, usage: { image: "1.00", api: "0.50" } },
  },
  packs: {
    small: { currency: "USD", price: "1.00", credits: "5" },
    large: { currency: "USD", price: "9.00", credits: "50" },
  },
};

/** The same, with the names of every object in an order that the numbers say. */
function shuffled(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => shuffled(one, next));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(
    ([name, one]) => [next(), name, shuffled(one, next)] as const,
  );
  return Object.fromEntries(
    members.toSorted(([a], [b]) => a - b).map(([, name, one]) => [name, one]),
  );
}

const said = ({ hash, content, meters, rateCards, plans, packs }: Catalog) => ({
  hash,
  content,
  meters: new Map(meters),
  cards: [...rateCards.values()],
  plans: [...plans.values()],
  packs: [...packs.values()],
});

test("in whatever order names are written, a catalog has the same versions, terms and lists", () => {
  const whole = said(readCatalog(catalog, "it"));
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer()), (numbers) => {
      const other = shuffled(catalog, () => numbers.next().value ?? 0);
      assert.deepEqual(said(readCatalog(other, "it")), whole);
    }),
  );
});

test("a file and what is read back of it after a push have the same versions", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cistern-order-"));
  const file = join(folder, "cistern.config.json");
  await writeFile(file, JSON.stringify(catalog));
  const loaded = await loadCatalog(file);
  await rm(folder, { recursive: true });
  const back = readCatalog(JSON.parse(loaded.content), "Version 1", { isPushed: true });
  assert.deepEqual(said(back), said(loaded));
});
