// Lets the runtime collect what nobody holds on to any more, until the calls that hung on it have ended.
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Accepting, End } from "./accepting.ts";

const turnsMax = 200;

export async function endsOfCollected(ends: Accepting["ends"]): Promise<readonly End[]> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  assert.ok(typeof collect === "function");
  for (let turn = 0; turn < turnsMax; turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    const ended = await ends().catch(() => undefined);
    if (ended !== undefined) return ended;
  }
  return await ends();
}
