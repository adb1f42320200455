/** Owns how callers use runs: opened in one another, raised, paused as the API does, closed; and which call is in which. */
import { credits, instant } from "@cistern/kernel";
import type { OpenHold, RunBounds } from "@cistern/kernel";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";

const actions = ["look", "write", "ask"] as const;

/** Something done to a run; mostly another one. */
export function chooseRun(choosing: Choosing): Choice {
  const { chance, known, number } = choosing;
  const run = someRun(choosing);
  const what = chance.weighted([
    ["open", 5],
    ["raise", 2],
    ["pause", 2],
    ["close", 1],
  ]);
  if (run === null || what === "open" || what === undefined) {
    const isPrepaid = known.focus === "prepaid" && chance.happens(0.7);
    return keyed({
      ...(isPrepaid ? { purse: "" } : {}),
      kind: "openRun",
      // Now and then one that is there.
      run: chance.happens(0.05) && run !== null ? run : `run-${number}`,
      member: known.runOwner(run) ?? chance.pick(members),
      parent: chance.happens(0.7) ? run : null,
      bounds: boundsOf(choosing),
      idleMs: chance.around(chance.pick([5_000, 3_600_000, 600_000_000])),
    });
  }
  if (what === "raise") return keyed({ kind: "raiseRun", run, bounds: raised(choosing) });
  if (what === "close") return keyed({ kind: "closeRun", run });
  const action = chance.pick(actions);
  const step = { isToolCall: chance.happens(0.5), action };
  const command = { kind: "pauseRun", run, credits: credits(0n), step } as const;
  return { kind: "command", command, key: "none" };
}

/** Whether a call is in a run, as whom, and what it does there. */
export function inRun(
  choosing: Choosing,
): Partial<Pick<OpenHold, "run" | "member" | "isToolCall" | "action">> {
  const { chance, known } = choosing;
  const run = chance.happens(0.35) ? someRun(choosing) : null;
  if (run === null) return {};
  const owner = chance.happens(0.95) ? known.runOwner(run) : undefined;
  return {
    run,
    ...(owner === undefined ? {} : { member: owner }),
    isToolCall: chance.happens(0.3),
    action: chance.happens(0.4) ? (chance.pick(actions) ?? null) : null,
  };
}

function someRun({ chance, known }: Choosing): string | null {
  return chance.pick(known.runs.slice(chance.happens(0.8) ? -5 : 0))?.id ?? null;
}

function boundsOf({ chance, nowMs }: Choosing): RunBounds {
  return {
    limit: chance.happens(0.7) ? credits(BigInt(chance.around(30_000_000))) : null,
    maxSteps: chance.happens(0.5) ? chance.between(1, 8) : null,
    maxToolCalls: chance.happens(0.4) ? chance.between(1, 3) : null,
    deadline: chance.happens(0.3) ? instant(nowMs + chance.around(30_000)) : null,
    maxSameAction: chance.happens(0.7) ? chance.between(1, 3) : null,
  };
}

/** Some of them; what the run has no bound of, or a higher one, is refused. */
function raised(choosing: Choosing): RunBounds {
  const { chance, known } = choosing;
  const wanted = boundsOf(choosing);
  if (known.focus === "prepaid" && chance.happens(0.7)) return { ...nothing, limit: wanted.limit };
  return {
    limit: chance.happens(0.3) ? credits(BigInt(chance.around(60_000_000))) : null,
    maxSteps: chance.happens(0.3) ? chance.between(5, 15) : null,
    maxToolCalls: null,
    deadline: chance.happens(0.3) ? wanted.deadline : null,
    maxSameAction: null,
  };
}

const nothing: RunBounds = {
  limit: null,
  maxSteps: null,
  maxToolCalls: null,
  deadline: null,
  maxSameAction: null,
};
