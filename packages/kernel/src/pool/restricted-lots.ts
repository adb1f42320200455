/**
 * Owns where a restricted lot is looked for: under the narrowest of its lists (members, else groups, else meters), so that a
 * call looks only at lots that could be its own. Lots with neither available nor held credits are left out.
 */
import type { Lot, Restriction } from "./lot.ts";
import type { UsageScope } from "./usage-scope.ts";

/** An index of restricted lots by member, group or meter. */
export class RestrictedLots {
  readonly #shelves = new Map<string, Map<string, Lot>>();

  replace(before: Lot | undefined, after: Lot | undefined): void {
    if (before !== undefined && before.appliesTo !== null && matters(before))
      this.#drop(before, before.appliesTo);
    if (after !== undefined && after.appliesTo !== null && matters(after))
      this.#keep(after, after.appliesTo);
  }

  /** Candidates for a usage; each still has to match all of its lists. */
  of(usage: UsageScope): readonly Lot[] {
    if (this.#shelves.size === 0) return none;
    const found = new Map<string, Lot>();
    for (const shelf of [
      `member:${usage.member}`,
      ...usage.groups.map((id) => `group:${id}`),
      `meter:${usage.meter ?? ""}`,
    ])
      for (const [id, lot] of this.#shelves.get(shelf) ?? []) found.set(id, lot);
    return [...found.values()];
  }

  #keep(lot: Lot, only: Restriction): void {
    for (const name of shelvesOf(only)) {
      const shelf = this.#shelves.get(name) ?? new Map<string, Lot>();
      shelf.set(lot.id, lot);
      this.#shelves.set(name, shelf);
    }
  }

  #drop(lot: Lot, only: Restriction): void {
    for (const name of shelvesOf(only)) {
      const shelf = this.#shelves.get(name);
      shelf?.delete(lot.id);
      if (shelf?.size === 0) this.#shelves.delete(name);
    }
  }
}

const none: readonly Lot[] = [];

const matters = (lot: Lot): boolean =>
  (lot.phase === "live" || lot.phase === "pending") && (lot.available > 0n || lot.held > 0n);

const shelvesOf = (only: Restriction): readonly string[] =>
  only.members?.map((id) => `member:${id}`) ??
  only.groups?.map((id) => `group:${id}`) ??
  only.meters?.map((id) => `meter:${id}`) ??
  [];
