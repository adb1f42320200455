/**
 * Owns the audit of what is told about how much is left of a pool, by the auditor's own sums.
 *
 * V28 `balance.low`, `balance.depleted` and `balance.recovered` stand right after the event that led there, at its instant, and say
 * what is left and what the workspace calls low; each is told once, when it begins.
 * V29 from the first one that a journal tells, none is left out. Journals that are older than the rule tell none until then.
 */
import type { Event, Workspace } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

type Told = Extract<
  Event,
  { readonly kind: "balance.low" | "balance.depleted" | "balance.recovered" }
>;

/** What the pool has after an event. */
interface Sums {
  readonly available: bigint;
  readonly held: bigint;
  readonly debt: bigint;
}

/** What was told last, and what is to be told next. Mutable. */
export class BalanceFold {
  #level: Told["kind"] = "balance.recovered";
  #due: { readonly kind: Told["kind"]; readonly at: number } | undefined;
  #left = 0n;
  #lowBalance = 0n;
  #hasTold = false;

  /** After the event was taken into the sums. */
  fold(event: Event, sums: Sums): void {
    const due = this.#due;
    this.#due = undefined;
    if (isTold(event)) {
      expect(
        event.kind === due?.kind && event.at === due.at,
        "V28 what is told of the balance follows what led there",
        () => `${event.kind} at ${event.at}, where ${due?.kind ?? "nothing"} is to be told`,
      );
      expectEqual(event.left, this.#left, `V28 what ${event.kind} says is left`);
      expectEqual(event.lowBalance, this.#lowBalance, `V28 what ${event.kind} says is low`);
      this.#level = event.kind;
      this.#hasTold = true;
      return;
    }
    expect(
      due === undefined || !this.#hasTold,
      "V29 a level of the balance that begins is told",
      () => `${event.kind} follows, where ${due?.kind ?? "nothing"} is to be told`,
    );
    this.#note(event, sums);
  }

  /** At the end of a journal: the last event led to nothing that is missing. */
  finish(): void {
    expect(
      this.#due === undefined || !this.#hasTold,
      "V29 a level of the balance that begins is told",
      () => `${this.#due?.kind} is missing at the end`,
    );
  }

  #note(event: Event, { available, held, debt }: Sums): void {
    const before = { left: this.#left, lowBalance: this.#lowBalance };
    this.#left = available + held;
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      this.#lowBalance = lowBalanceOf(event.workspace);
    const isMoved = "transfers" in event;
    const isSet = event.kind === "workspace.updated" && this.#lowBalance !== before.lowBalance;
    if (!isMoved && !isSet) return;
    const kind = this.#levelNow();
    const isNeverFilled = kind === "balance.depleted" && before.left === 0n && debt === 0n;
    if (kind !== this.#level && !isNeverFilled) this.#due = { kind, at: event.at };
  }

  #levelNow(): Told["kind"] {
    if (this.#left === 0n) return "balance.depleted";
    return this.#left <= this.#lowBalance ? "balance.low" : "balance.recovered";
  }
}

const lowBalanceOf = ({ lowBalance }: Workspace): bigint => lowBalance ?? 0n;

const isTold = (event: Event): event is Told =>
  event.kind === "balance.low" ||
  event.kind === "balance.depleted" ||
  event.kind === "balance.recovered";
