import type { Command } from "../commands/command.ts";
import type { Hold, Position } from "../holds/hold.ts";
import type { State } from "../state/state.ts";

/** Where the first answer of a default key stands, and the request that it was given to. */
export interface PriorAnswer {
  readonly position: Position;
  /** null: any request that comes to this command is the same one. */
  readonly fingerprint: string | null;
}

/**
 * The accepted request behind a default key: a final settle and a release need no row of their own, since the hold's state is
 * the proof (RULES 20); so is a month that is closed of its close, and a payment that became credits of all that tell of it. Undefined when there was none, or when the hold ended under a key of its own.
 */
export function priorAnswer(state: State, command: Command): PriorAnswer | undefined {
  if (command.kind === "closeMonth") {
    const closing = state.closing.months.get(command.month);
    return closing === undefined ? undefined : { position: closing.position, fingerprint: null };
  }
  if (command.kind === "resolveTopUp") {
    if (command.outcome.kind !== "succeeded" || command.payment === null) return undefined;
    const paid = state.topUps.payments.get(command.payment);
    return paid === undefined || paid.topUp !== command.topUp
      ? undefined
      : { position: paid.position, fingerprint: null };
  }
  if (command.kind !== "settleHold" && command.kind !== "releaseHold") return undefined;
  if (command.fingerprint === null) return undefined;
  const hold: Hold | null | undefined = state.holds.holds.get(command.hold) ?? command.recalled;
  const closing = hold?.closing;
  if (closing === null || closing === undefined || closing.fingerprint === null) return undefined;
  const verb = command.kind === "settleHold" ? "settle" : "release";
  return closing.verb === verb
    ? { position: closing.position, fingerprint: closing.fingerprint }
    : undefined;
}
