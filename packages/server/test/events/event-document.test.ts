/** Each type of event is documented with one that happened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEventSchema, eventTypeNames } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { freshDatabase } from "../fresh-database.ts";
import { eventDocument, examples, readEventDocument } from "./event-document.ts";
import { faultsOf } from "./event-faults.ts";

test("docs/events.md shows every type as it happens, and its fields; `npm run docs:events` writes it anew", async () => {
  const { url } = await freshDatabase();
  const happened = await examples(url);
  const fits = Compile(CloudEventSchema);
  for (const event of happened.byType.values()) assert.ok(fits.Check(event), JSON.stringify(event));
  assert.deepEqual(
    happened.lived.flatMap((event) => faultsOf(event, { isOfKernel: false })),
    [],
  );
  assert.deepEqual(new Set(happened.byType.keys()), new Set(eventTypeNames));
  assert.equal(await readEventDocument(), eventDocument(happened));
});
