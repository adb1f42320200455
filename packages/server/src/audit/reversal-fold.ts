/**
 * Owns the audit of what is told of outcomes that were taken back.
 *
 * V30 `outcome.reversed` stands right after the fact that took an outcome off its line, and says its move: one for each such outcome.
 * V31 from the first one that a journal tells, none is left out. Journals that are older than the rule tell none until then.
 */
import type { Event, OutcomeMove } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface Due {
  readonly outcome: string;
  readonly move: OutcomeMove;
  readonly at: number;
}

/** What is to be told next. Mutable. */
export class ReversalFold {
  #due: readonly Due[] = [];
  #hasTold = false;

  fold(event: Event): void {
    if (event.kind !== "outcome.reversed") {
      this.finish();
      this.#due = "changes" in event ? reversalsIn(event) : [];
      return;
    }
    const [due, ...rest] = this.#due;
    const { reversed, move, at } = event;
    expect(
      due !== undefined && reversed.id === due.outcome && at === due.at,
      "V30 a reversal is told right after what took the outcome back",
      () => `${reversed.id} at ${at}, where ${due?.outcome ?? "none"} was taken back`,
    );
    expectEqual(move.amount, due.move.amount, `V30 what is taken back of ${reversed.id}`);
    expect(move.line === due.move.line, "V30 the line of a reversal", () => move.line);
    this.#due = rest;
    this.#hasTold = true;
  }

  /** Nothing that was taken back is left untold. */
  finish(): void {
    expect(
      this.#due.length === 0 || !this.#hasTold,
      "V31 each outcome that is taken back is told",
      () => this.#due.map(({ outcome }) => outcome).join(", "),
    );
  }
}

const reversalsIn = ({ changes, at }: Extract<Event, { changes: unknown }>): readonly Due[] =>
  changes.flatMap(({ outcome, moves }) => {
    const move = moves.find(({ kind }) => kind === "reversed");
    return move === undefined || outcome.booked !== null ? [] : [{ outcome: outcome.id, move, at }];
  });
