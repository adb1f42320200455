import assert from "node:assert/strict";
import { test } from "node:test";
import { createDueWork } from "../../src/background/index.ts";

/** A clock that the test moves: a timer goes off once its time is passed, and its work is waited for. */
class MovedClock {
  at = 0;
  #timer: { readonly at: number; readonly callBack: () => void } | undefined;

  now(): number {
    return this.at;
  }

  after(ms: number, callBack: () => void): () => void {
    const timer = { at: this.at + ms, callBack };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  async moveTo(at: number): Promise<void> {
    for (let timer = this.#timer; timer !== undefined && timer.at <= at; timer = this.#timer) {
      this.#timer = undefined;
      this.at = timer.at;
      timer.callBack();
      await new Promise(setImmediate);
    }
    this.at = at;
  }
}

function working(attempt: (piece: string) => Promise<number | undefined>) {
  const clock = new MovedClock();
  const log: string[] = [];
  const work = createDueWork<string>({
    clock,
    nameOf: (piece) => piece,
    sweep: async () => void log.push(`sweep at ${clock.at}`),
    sweepFailed: () => {},
    attempt: async (piece) => {
      log.push(`${piece} at ${clock.at}`);
      return await attempt(piece);
    },
    attemptFailed: (piece) => log.push(`${piece} failed`),
    retryMsMin: 1_000,
    togetherMax: 2,
  });
  const triesOf = (piece: string) => log.filter((line) => line.startsWith(`${piece} at`));
  return { clock, log, work, triesOf };
}

test("W1 what fails is tried again, later each time, and holds nobody up", async () => {
  const { clock, work, triesOf } = working((piece) =>
    piece === "bad" ? Promise.reject(new Error("down")) : Promise.resolve(undefined),
  );
  work.add("bad", 0);
  work.add("good", 0);
  work.add("later", 20_000);
  work.start();
  await clock.moveTo(31_000);
  const bad = [0, 1_000, 3_000, 7_000, 15_000, 31_000].map((at) => `bad at ${at}`);
  assert.deepEqual(triesOf("bad"), bad);
  assert.deepEqual(triesOf("good"), ["good at 0"]);
  assert.deepEqual(triesOf("later"), ["later at 20000"]);
  assert.equal(work.size, 1);
  await work.stop();
});

test("a piece is looked at again when it says so, and its failures before are forgotten", async () => {
  const answers = [undefined, 9_000, undefined];
  const { clock, work, triesOf } = working(async () => {
    const answer = answers.shift();
    if (answers.length === 2) throw new Error("down");
    if (answers.length === 0) throw new Error("down again");
    return answer;
  });
  work.add("one", 0);
  work.start();
  await clock.moveTo(9_999);
  assert.deepEqual(triesOf("one"), ["one at 0", "one at 1000", "one at 9000"]);
  await clock.moveTo(10_000);
  assert.equal(triesOf("one").at(-1), "one at 10000");
  await work.stop();
});

test("W2 it sweeps at its start and each minute, however far off the next piece is", async () => {
  const { clock, log, work } = working(() => Promise.resolve(undefined));
  work.add("far", 10 ** 12);
  work.start();
  await clock.moveTo(130_000);
  assert.deepEqual(log, ["sweep at 0", "sweep at 60000", "sweep at 120000"]);
  await work.stop();
});

test("W3 a stop waits for what has begun, and nothing begins after it", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { clock, work, triesOf } = working(() => promise);
  for (const piece of ["a", "b", "c"]) work.add(piece, 0);
  work.start();
  await clock.moveTo(0);
  let isStopped = false;
  const stopped = work.stop().then(() => (isStopped = true));
  await new Promise(setImmediate);
  assert.equal(isStopped, false);
  resolve(undefined);
  await stopped;
  assert.deepEqual(triesOf("c"), []);
  await clock.moveTo(10 ** 6);
  assert.deepEqual(triesOf("c"), []);
});
