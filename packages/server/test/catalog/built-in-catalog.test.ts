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
