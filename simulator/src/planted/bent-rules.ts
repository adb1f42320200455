/**
 * Owns how the kernel's functions are bent: another view of the state, another event, and no assertion that would stop a bug at once,
 * so that what finds it is the history and not the kernel.
 */
import { Bug } from "@cistern/kernel";
import type { Command, Event, State } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";

type Decide = Rules["decide"];

/** The rules with these changes, and without assertions when an event is applied. */
export function unasserted(changes: Partial<Rules>): Rules {
  return {
    ...kernelRules,
    apply: (state, event, position) => {
      try {
        kernelRules.apply(state, event, position);
      } catch (error) {
        if (!(error instanceof Bug)) throw error;
      }
    },
    ...changes,
  };
}

/** `value` with some members replaced. Its class keeps private fields, so it is read through to the original. */
export function overlaid<T extends object>(value: T, changes: Partial<T>): T {
  return new Proxy(value, {
    get(target, name) {
      const changed: unknown = Reflect.get(changes, name);
      const found: unknown = changed === undefined ? Reflect.get(target, name, target) : changed;
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

/** Decides on another view of the state. */
export const seeing =
  (view: (state: State) => State): Decide =>
  (state, command, at, around) =>
    kernelRules.decide(view(state), command, at, around);

/** Decides one kind of command so, and all others as they are. */
export const onlyFor =
  (kind: Command["kind"], decide: Decide): Decide =>
  (state, command, at, around) =>
    command.kind === kind
      ? decide(state, command, at, around)
      : kernelRules.decide(state, command, at, around);

/** Changes what was decided. */
export const changing =
  (change: (event: Event) => Event): Decide =>
  (...asked) => {
    const decision = kernelRules.decide(...asked);
    return decision.kind === "accepted" ? { ...decision, event: change(decision.event) } : decision;
  };
