/** How rows become debits where whoever charges them is slow, away or full: a stand-in of `POST /v1/batch` that remembers its keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchRequest, BatchResponse, OperationResult } from "@cistern/contract";
import {
  type Booked,
  BookingFault,
  type HistoryRow,
  type RefusedRow,
  type Undecided,
  bookHistory,
  rowKey,
} from "../../../src/ingest/index.ts";

const rowOf = (workspace: string, number: number, note = ""): HistoryRow => ({
  file: "history.csv",
  line: number,
  id: `${number}`,
  workspace,
  occurredAtMs: number,
  debit: {
    member: "ana",
    credits: "1",
    ...(note === "" ? {} : { attributes: { note } }),
  },
});

async function* chunksOf(rows: readonly HistoryRow[]): AsyncGenerator<readonly HistoryRow[]> {
  for (let from = 0; from < rows.length; from += 700) yield rows.slice(from, from + 700);
}

/** Charges each key once; what `faulty` gives an answer to is not charged. */
class Charger {
  readonly keys = new Set<string>();
  readonly batches: BatchRequest[] = [];
  readonly #faulty: (key: string, tries: number) => OperationResult | undefined;
  readonly #tries = new Map<string, number>();

  constructor(
    faulty: (key: string, tries: number) => OperationResult | undefined = () => undefined,
  ) {
    this.#faulty = faulty;
  }

  readonly send = async (batch: BatchRequest): Promise<BatchResponse> => {
    this.batches.push(batch);
    await Promise.resolve();
    return {
      results: batch.operations.map(({ idempotencyKey = "" }) => this.#one(idempotencyKey)),
    };
  };

  #one(key: string): OperationResult {
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    const faulty = this.#faulty(key, tries);
    if (faulty !== undefined) return faulty;
    const replayed = this.keys.has(key);
    this.keys.add(key);
    return { status: 201, body: { charged: "1" }, replayed };
  }
}

async function booked(
  rows: readonly HistoryRow[],
  charger: { readonly send: Parameters<typeof bookHistory>[1]["send"] },
  told: ((booked: Booked) => void)[] = [],
) {
  const refused: RefusedRow[] = [];
  const pauses: number[] = [];
  const done = await bookHistory(chunksOf(rows), {
    send: charger.send,
    pause: async (_tries, retryAfterMs) => {
      pauses.push(retryAfterMs);
      await Promise.resolve();
    },
    onRefused: (row) => {
      refused.push(row);
    },
    onBooked: (so) => told.forEach((tell) => tell(so)),
    keyOf: ({ workspace, id = "" }) => `${workspace}:${id}`,
  });
  return { done, refused, pauses };
}

const undecided = (because: string): Undecided => ({ kind: "undecided", because });

const problem = (status: number, code: string, retryAfter?: number): OperationResult => ({
  status,
  body: { code, detail: `It is ${code}.` },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

test("rows of a workspace are told in their order, whatever others do", async () => {
  const workspaces = ["acme", "globex", "initech", "umbrella", "hooli"];
  const rows = Array.from({ length: 9_000 }, (_, number) =>
    rowOf(workspaces[(number * number) % 7] ?? "acme", number),
  );
  const charger = new Charger();
  const { done } = await booked(rows, charger);
  assert.equal(done.charged, rows.length);
  assert.equal(done.credits, 9_000_000_000n);
  for (const workspace of workspaces) {
    const numbers = [...charger.keys]
      .filter((key) => key.startsWith(`${workspace}:`))
      .map((key) => Number(key.split(":")[1]));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  }
});

test("a batch keeps to the bounds of a request, also with large rows", async () => {
  const rows = Array.from({ length: 1_500 }, (_, number) =>
    rowOf("acme", number, "ä".repeat(1_000)),
  );
  const charger = new Charger();
  await booked(rows, charger);
  assert.equal(charger.keys.size, rows.length);
  for (const batch of charger.batches) {
    assert.ok(batch.operations.length <= 500);
    assert.ok(Buffer.byteLength(JSON.stringify(batch)) <= 1_048_576);
  }
  assert.ok(charger.batches.length > 3);
});

test("what was not decided is asked again under its key, and what was refused is not", async () => {
  const charger = new Charger((key, tries) => {
    const number = Number(key.split(":")[1]);
    if (number % 5 === 0 && tries <= 2) return problem(503, "overloaded", 2);
    return number % 7 === 1 ? problem(422, "unknown_meter") : undefined;
  });
  const rows = Array.from({ length: 100 }, (_, number) => rowOf("acme", number));
  const { done, refused, pauses } = await booked(rows, charger);
  assert.deepEqual(pauses, [2_000, 2_000]);
  assert.equal(done.refused, 15);
  assert.equal(done.charged, 85);
  assert.equal(done.place, 1, "the first row that was refused is told again");
  assert.deepEqual([...new Set(refused.map(({ code }) => code))], ["unknown_meter"]);
  assert.equal(charger.keys.size, 85);
});

test("an answer that was lost charges nothing a second time", async () => {
  const charger = new Charger();
  let lost = 0;
  const rows = Array.from({ length: 2_000 }, (_, number) => rowOf("acme", number));
  const { done } = await booked(rows, {
    send: async (batch) => {
      const answer = await charger.send(batch);
      lost += 1;
      return lost % 2 === 1 ? undecided("It was cut off.") : answer;
    },
  });
  assert.equal(charger.keys.size, 2_000);
  assert.equal(done.already + done.charged, 2_000);
});

test("where nothing is decided for long it ends, and says that it may be started again", async () => {
  const rows = [rowOf("acme", 1), rowOf("globex", 2)];
  const away = { send: async () => undecided("Nobody is there.") };
  await assert.rejects(
    booked(rows, away),
    (error) =>
      error instanceof BookingFault &&
      /Nobody is there\. Start the same command again/.test(error.message),
  );
  await assert.rejects(
    booked(rows, new Charger(() => problem(403, "forbidden"))),
    /It is forbidden\./,
  );
});

test("the place is never past a row that is not decided", async () => {
  // One row of a quiet workspace comes first, and thousands of a busy one after it.
  const rows = [rowOf("quiet", 0)];
  for (let number = 1; number < 20_000; number += 1) rows.push(rowOf("busy", number));
  const charger = new Charger();
  const places: number[] = [];
  const told = ({ place }: Booked): void => {
    const isQuietCharged = charger.keys.has("quiet:0");
    assert.ok(place === 0 || isQuietCharged, `the place is ${place}`);
    places.push(place);
  };
  await booked(rows, charger, [told]);
  assert.equal(places.at(-1), 20_000);
  assert.ok(
    places.some((place) => place > 0 && place < 12_000),
    "a row that waits alone is told in time",
  );
});

test("an id that fits into no key is known by its hash, and no other", () => {
  assert.equal(rowKey("billing", "r-1"), "history:billing:r-1");
  const long = "x".repeat(300);
  const keys = [long, `${long}y`, "ü", "line\nbreak", "ends in space "].map((id) =>
    rowKey("a", id),
  );
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^history#[0-9a-f]{64}$/);
  assert.notEqual(rowKey("b", long), keys[0]);
});
