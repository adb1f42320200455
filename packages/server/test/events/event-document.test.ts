/** Each type of event is documented with one that happened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEventSchema, eventTypeNames } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { freshDatabase } from "../fresh-database.ts";
import { eventDocument, exampleEvents, readEventDocument } from "./event-document.ts";

test("docs/events.md shows every type as it happens; `npm run docs:events` writes it anew", async () => {
  const { url } = await freshDatabase();
  const examples = await exampleEvents(url);
  const fits = Compile(CloudEventSchema);
  for (const event of examples.values()) assert.ok(fits.Check(event), JSON.stringify(event));
  assert.deepEqual(new Set(examples.keys()), new Set(eventTypeNames));
  assert.equal(await readEventDocument(), eventDocument(examples));
});
