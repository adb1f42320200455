/** Commands of runs in short: a run of ana's without bounds, that idles for an hour. */
import { type Command, type OpenRun, type RunBounds, credits } from "@cistern/kernel";
import { hour } from "./commands.ts";

export const unbounded: RunBounds = {
  limit: null,
  maxSteps: null,
  maxToolCalls: null,
  deadline: null,
  maxSameAction: null,
};
export const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));
export const upTo = (amount: number): Partial<RunBounds> => ({ limit: c(amount) });

export const run = (
  id: string,
  bounds: Partial<RunBounds> = {},
  given: Partial<Omit<OpenRun, "bounds">> = {},
): Command => ({
  kind: "openRun",
  run: id,
  member: "ana",
  parent: null,
  idleMs: hour,
  ...given,
  bounds: { ...unbounded, ...bounds },
});
/** A run whose limit is set aside at once, in a purse of its name. */
export const prepaid = (
  id: string,
  amount: number,
  bounds: Partial<RunBounds> = {},
  given: Partial<Omit<OpenRun, "bounds">> = {},
): Command => run(id, { ...upTo(amount), ...bounds }, { purse: `purse_${id}`, ...given });
export const raise = (id: string, bounds: Partial<RunBounds> = {}): Command => ({
  kind: "raiseRun",
  run: id,
  bounds: { ...unbounded, ...bounds },
});
export const closeRun = (id: string): Command => ({ kind: "closeRun", run: id });
export const pause = (id: string, amount: number): Command => ({
  kind: "pauseRun",
  run: id,
  credits: c(amount),
});
export const inside = (parent: string): Partial<OpenRun> => ({ parent });
export const of = (id: string) => ({ run: id }) as const;
export const limitReached = (id: string, requested: number, used: number, most: number) => ({
  rejected: {
    code: "run_limit_reached",
    run: id,
    bound: "limit",
    requested: BigInt(requested),
    available: BigInt(Math.max(0, most - used)),
    used: BigInt(used),
    most: BigInt(most),
  } as const,
});
