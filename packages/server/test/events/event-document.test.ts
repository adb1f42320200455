/** Each type of event is documented with one that happened over the API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEventSchema, type EventOf, type EventType, eventTypeNames } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { freshDatabase } from "../fresh-database.ts";
import { eventDocument, readEventDocument } from "./event-document.ts";
import { faultsOf } from "./event-faults.ts";
import { livedEvents } from "./lived-events.ts";

const lived = await livedEvents((await freshDatabase()).url);

/** The first of a type. */
function first<Type extends EventType>(type: Type): EventOf<Type> {
  const found = lived.find(
    (event): event is Extract<typeof event, EventOf<Type>> => event.type === type,
  );
  assert.ok(found !== undefined, type);
  return found;
}

test("docs/events.md shows every type as it happens, and its fields; `npm run docs:events` writes it anew", async () => {
  const fits = Compile(CloudEventSchema);
  for (const event of lived) assert.ok(fits.Check(event), JSON.stringify(event));
  assert.deepEqual(
    lived.flatMap((event) => faultsOf(event, { isOfKernel: false })),
    [],
  );
  assert.equal(await readEventDocument(), eventDocument(lived));
});

test("calls of the API, and time, make every type of event", () => {
  assert.deepEqual(new Set(lived.map(({ type }) => type)), new Set(eventTypeNames));
});

test("an outcome that was billed and is reopened is told as reversed right after, with what is given back", () => {
  const [reopened, reversed] = [first("outcome.reopened"), first("outcome.reversed")];
  assert.equal(lived[lived.indexOf(reopened) + 1], reversed);
  const [billed] = first("outcome.confirmed").data.changes.flatMap(({ moves }) => moves);
  assert.deepEqual(
    [reversed.subject, reversed.data.status, reversed.data.reason],
    [reopened.subject, "reversed", "reopened"],
  );
  assert.deepEqual([reversed.data.amount, reversed.data.reverses], [billed?.amount, billed?.line]);
});
