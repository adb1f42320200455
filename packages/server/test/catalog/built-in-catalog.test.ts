import assert from "node:assert/strict";
import { test } from "node:test";
import { findPrice, rate } from "@cistern/kernel";
import { builtInCatalog, rateCardIn, readCatalog } from "../../src/catalog/index.ts";

test("the catalog that comes with Cistern is sound, and prices a call exactly", () => {
  const card = rateCardIn(readCatalog(builtInCatalog, "The built-in catalog"));
  const found = findPrice(card, { meter: "chat", model: "gpt-5", attributes: null });
  assert.ok(found.kind === "price");
  assert.equal(rate(found.price, { input_text: 1200, output_text: 800 }), 950_000n);
  assert.equal(found.price.row, "chat/gpt-5");
});

test("a model that its vendor ends is priced for what was used of it, and beside it stands one that goes on", () => {
  const card = rateCardIn(readCatalog(builtInCatalog, "The built-in catalog"));
  for (const model of ["gpt-5", "gpt-5-mini", "claude-sonnet-4-5", "gemini-2.5-pro"])
    assert.equal(findPrice(card, { meter: "chat", model, attributes: null }).kind, "price", model);
  // 1,200 in, 500 from the cache, 800 out, at 2.00, 0.10 and 10.00 USD a million and a cent a credit.
  const found = findPrice(card, { meter: "chat", model: "claude-sonnet-5-5", attributes: null });
  assert.ok(found.kind === "price");
  const usage = { input_text: 1200, cache_read: 500, output_text: 800 };
  assert.equal(rate(found.price, usage), 1_045_000n);
});
