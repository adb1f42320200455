/**
 * Owns how a caller gets an answer out of two nodes, of which either may be dead or asleep: it prefers one, and turns to the
 * other with the same key when no decision comes.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CisternProblem, CisternUnavailable } from "@cistern/client";
import type { Balance, Hold } from "@cistern/contract";
import type { Attempt, Log, Outcome } from "../history/log.ts";
import type { Door } from "./door.ts";
import { type Answer, type Operation, send } from "./operation.ts";

/** A decision, one way or the other. */
export type Decision = Exclude<Outcome, { readonly kind: "unanswered" }>;

const pauseMsMin = 20;
const pauseMsMax = 500;

/** See the file head. */
export class Caller {
  readonly #doors: readonly [Door, Door];
  readonly #log: Log;

  /** The first door is the preferred one. */
  constructor(doors: readonly [Door, Door], log: Log) {
    this.#doors = doors;
    this.#log = log;
  }

  /** Asks until there is a decision; undefined when the time was over before. */
  async decide(operation: Operation, untilMs: () => number): Promise<Decision | undefined> {
    for (let turn = 0; ; turn += 1) {
      const outcome = await this.#attempt(this.#door(turn), operation);
      if (outcome.kind !== "unanswered") return outcome;
      if (performance.now() >= untilMs()) return undefined;
      if (turn > 0) await wait(Math.min(pauseMsMin * 2 ** turn, pauseMsMax));
    }
  }

  /** Asks both nodes at the same time. */
  async decideTwice(operation: Operation, untilMs: () => number): Promise<Decision | undefined> {
    const outcomes = await Promise.all(this.#doors.map((door) => this.#attempt(door, operation)));
    const decided = outcomes.filter((outcome) => outcome.kind !== "unanswered");
    const told = decided.find(({ kind }) => kind === "acknowledged") ?? decided[0];
    return told ?? this.decide(operation, untilMs);
  }

  /** Sends what was decided before once more, to the other node, as if the answer had been lost. */
  async repeat(operation: Operation): Promise<void> {
    await this.#attempt(this.#doors[1], operation);
  }

  /** A strict read of the balance; where none comes, the other node is not asked. */
  async readBalance(workspace: string): Promise<Balance | undefined> {
    return this.#read(
      workspace,
      (door) => door.cistern.workspace(workspace).balance(),
      (answer, span) => {
        this.#log.noteReading({ ...span, workspace, kind: "balance", answer });
      },
    );
  }

  /** A strict read of a hold. */
  async readHold(workspace: string, id: string): Promise<Hold | undefined> {
    return this.#read(
      workspace,
      (door) => door.cistern.workspace(workspace).hold(id),
      (answer, span) => {
        this.#log.noteReading({ ...span, workspace, kind: "hold", answer });
      },
    );
  }

  #door(turn: number): Door {
    return this.#doors[turn % 2 === 0 ? 0 : 1];
  }

  async #attempt(door: Door, operation: Operation): Promise<Outcome> {
    const lost = door.lost();
    this.#log.noteInvoked(operation);
    const invokedAt = performance.now();
    const outcome = await outcomeOf(() => send(door.cistern, operation));
    const isClean = door.lost() === lost;
    this.#log.note({ operation, ...spanOf(door, invokedAt), isClean, outcome });
    return outcome;
  }

  async #read<T>(
    workspace: string,
    ask: (door: Door) => Promise<T>,
    note: (answer: T, span: Span) => void,
  ): Promise<T | undefined> {
    const door = this.#door(0);
    const invokedAt = performance.now();
    try {
      const answer = await ask(door);
      note(answer, spanOf(door, invokedAt));
      return answer;
    } catch (error) {
      if (error instanceof CisternUnavailable && isExpected(error)) return undefined;
      if (!(error instanceof CisternProblem)) throw error;
      const { problem } = error;
      this.#log.noteRefusedReading({ workspace, node: door.node.name, problem });
      return undefined;
    }
  }
}

type Span = Pick<Attempt, "node" | "invokedAt" | "answeredAt" | "isLate">;

function spanOf({ node }: Door, invokedAt: number): Span {
  const isLate = node.wokenAt !== undefined && invokedAt < node.wokenAt;
  return { node: node.name, invokedAt, answeredAt: performance.now(), isLate };
}

async function outcomeOf(call: () => Promise<Answer>): Promise<Outcome> {
  try {
    return { kind: "acknowledged", answer: await call() };
  } catch (error) {
    if (error instanceof CisternProblem) return { kind: "refused", problem: error.problem };
    if (!(error instanceof CisternUnavailable) || !isExpected(error)) throw error;
    return { kind: "unanswered", reason: error.reason, code: error.problem?.code };
  }
}

/** Outages are what this is about; a bug of the server (500), an answer that is none, or a full queue is not. */
function isExpected(error: CisternUnavailable): boolean {
  return error.isOutage && error.problem?.code !== "internal";
}
