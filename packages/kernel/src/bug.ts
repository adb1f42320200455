/** A broken invariant of our own: never caught, never answered; the process or the workspace stops. */
export class Bug extends Error {
  override readonly name = "Bug";
}

/**
 * Stops at once when an invariant does not hold. `invariant` names it, for example `K2 lot grt_1 adds up`.
 *
 * @example assert(lot.held >= 0n, "K2 held is never negative");
 */
export function assert(holds: boolean, invariant: string): asserts holds {
  if (!holds) throw new Bug(`Invariant broken: ${invariant}`);
}
