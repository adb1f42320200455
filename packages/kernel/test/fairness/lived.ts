/** Lives a random life on a journal, step by step. */
import type { Decision } from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { Life, type Seen, type Step } from "./life.ts";

/** Told of each step, before and after the kernel took it. */
export interface Watcher {
  before?(journal: Journal, step: Step): void;
  after?(journal: Journal, step: Step, decision: Decision): void;
}

/** So many steps of the life of a seed, after its beginning. */
export function lived(
  seed: number,
  { steps, periods = 2.5, watcher = {} }: { steps: number; periods?: number; watcher?: Watcher },
): Journal {
  const journal = new Journal();
  const life = new Life(seed, { steps, periods });
  const open = new Map<string, bigint>();
  const charged: string[] = [];
  const seen: Seen = {
    get open() {
      return [...open.keys()];
    },
    charged,
    heldBy: (hold) => open.get(hold) ?? 0n,
  };
  const take = (step: Step): void => {
    watcher.before?.(journal, step);
    const decision = journal.run(step.command, step.at);
    watcher.after?.(journal, step, decision);
    note(decision);
  };
  const note = (decision: Decision): void => {
    if (decision.kind === "rejected") return;
    const { event } = decision;
    if (event.kind === "hold.opened") open.set(event.hold, event.credits);
    if (event.kind === "usage.debited") charged.push(event.debit);
    if (event.kind === "hold.settled" && event.charged > 0n) charged.push(event.hold);
    if (event.kind === "hold.released" || (event.kind === "hold.settled" && event.isFinal))
      open.delete(event.hold);
  };
  for (const step of life.begin()) take(step);
  for (let taken = 0; taken < steps; taken += 1) {
    take(life.next(seen));
    // The oldest are forgotten, expired or not: late settles are for those that are not.
    if (open.size > 25) open.delete([...open.keys()][0] ?? "");
  }
  return journal;
}
