/**
 * Owns the audit of levels: a time that is told twice is charged once (docs/decisions/0011).
 *
 * V9 where a debit says which times of a level are new, they lie in what it tells of, apart from each other and from all that was
 * charged before. Journals that are older than the rule say nothing of it; so a debit without them is no fault.
 */
import type { Event, Interval } from "@cistern/kernel";
import { expect } from "./fault.ts";

interface Charged {
  readonly level: string;
  readonly times: readonly Interval[];
  left: bigint;
}

/** Which debits charged which times. Mutable. */
export class LevelFold {
  readonly #debits = new Map<string, Charged>();
  readonly #byLevel = new Map<string, Set<Charged>>();

  fold(event: Event): void {
    if (event.kind === "usage.debited" && event.over !== undefined) {
      const { debit, over, fresh, charged } = event;
      const level = nameOf(event);
      const before = this.#byLevel.get(level) ?? new Set();
      for (const one of fresh ?? [])
        expect(
          one.start < one.end && one.start >= over.start && one.end <= over.end,
          "V9 what is new of a level lies in what is told of it",
          () => `${debit} from ${one.start} to ${one.end}`,
        );
      for (const [index, one] of (fresh ?? []).entries()) {
        const others = [...before].flatMap(({ times }) => times);
        const own = (fresh ?? []).slice(0, index);
        expect(
          ![...others, ...own].some(({ start, end }) => start < one.end && one.start < end),
          "V9 a time of a level is charged once",
          () => `${debit} from ${one.start} to ${one.end}`,
        );
      }
      const record: Charged = { level, times: fresh ?? [over], left: charged };
      this.#debits.set(debit, record);
      this.#byLevel.set(level, before.add(record));
    }
    if (event.kind !== "usage.refunded") return;
    const record = this.#debits.get(event.of);
    if (record === undefined) return;
    record.left -= event.credits;
    if (record.left === 0n) this.#byLevel.get(record.level)?.delete(record);
  }
}

const nameOf = ({
  path,
  meter,
  model,
  project,
  attributes,
}: Extract<Event, { kind: "usage.debited" }>): string =>
  JSON.stringify([
    path.member,
    meter,
    model,
    project,
    Object.entries(attributes ?? {})
      .map((one) => one.join("="))
      .toSorted(),
  ]);
