/** What a receiver may rely on of events: `type` says what `data` is, in TypeScript and as JSON Schema. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Static } from "typebox";
import { Compile } from "typebox/compile";
import {
  type CloudEvent,
  type EventData,
  eventDataSchemas,
  eventSchema,
  eventTypeNames,
} from "../src/index.ts";
import type { IsSame, Readable } from "./same-shape.ts";

type Schemas = {
  readonly [Type in keyof typeof eventDataSchemas]: Static<(typeof eventDataSchemas)[Type]>;
};

/** Compiles only where each type's interface and its schema say the same, and neither has a type more. */
const areSame: IsSame<Readable<Schemas>, Readable<EventData>> = true;

/** Compiles only where `type` narrows `data`. */
function chargedBy(event: CloudEvent): string | undefined {
  if (event.type === "hold.settled") return event.data.charged;
  switch (event.type) {
    case "usage.debited":
      return event.data.charged;
    case "usage.refunded":
      return `-${event.data.credits}`;
    // @ts-expect-error -- There is no such type.
    case "hold.forgotten":
      return undefined;
    case "balance.low":
      // @ts-expect-error -- Nothing was charged by it.
      return event.data.charged;
    default:
      return undefined;
  }
}

const settled: CloudEvent = {
  specversion: "1.0",
  id: "acme:9.0:1f3a90bc",
  source: "/workspaces/acme",
  type: "hold.settled",
  subject: "hld_01jd8z4q6w8y0c3e5g7j9m1p3r",
  time: "2026-11-30T12:00:00Z",
  data: {
    id: "hld_01jd8z4q6w8y0c3e5g7j9m1p3r",
    status: "settled",
    member: "ana",
    charged: "60",
    returned: "15",
    lots: [],
    balance: { available: "440", held: "0" },
  },
};

test("the type of an event says what its data is", () => {
  assert.equal(areSame, true);
  assert.equal(chargedBy(settled), "60");
});

test("every type has a schema, which refuses fields that it does not name and data of another type", () => {
  assert.deepEqual(new Set(Object.keys(eventDataSchemas)), new Set(eventTypeNames));
  const fits = Compile(eventSchema("hold.settled"));
  assert.ok(fits.Check(settled));
  assert.ok(!fits.Check({ ...settled, data: { ...settled.data, colour: "red" } }));
  assert.ok(!fits.Check({ ...settled, type: "hold.released" }));
  assert.ok(!Compile(eventSchema("hold.released")).Check({ ...settled, type: "hold.released" }));
});
