/**
 * Owns how appends reach the store, and what became of each (RULES 22, 23).
 *
 * F1 on a store that shares statements, appends of many workspaces go in one; few statements are in flight, the rest gather.
 * F2 after a fault of a shared statement each goes alone. F3 an unknown outcome is never guessed: the same append is sent
 * again, and when it is fenced the row in its place tells by its `batchId` whether it was ours.
 */
import type { Append, AppendOutcome, JournalStore } from "../journal/index.ts";
import { StoreFault } from "../journal/index.ts";
import type { Counters } from "./counters.ts";
import type { StoreCalls } from "./store-calls.ts";

interface Pending {
  readonly append: Append;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (fault: unknown) => void;
}

/** Appends that go alone at once after a shared fault. */
const aloneInFlightMax = 4;

/** See the file head. */
export class Flusher {
  readonly #store: JournalStore;
  readonly #calls: StoreCalls;
  readonly #counters: Counters;
  readonly #limits: { statementsInFlightMax: number; statementAppendsMax: number };
  readonly #soon: (callBack: () => void) => void;
  #pending: Pending[] = [];
  #inFlight = 0;
  #isPumpDue = false;
  /** Appends of the last statement. After one that went alone there is nobody to wait for. */
  #lastShared = 1;

  constructor(options: {
    store: JournalStore;
    calls: StoreCalls;
    counters: Counters;
    limits: { statementsInFlightMax: number; statementAppendsMax: number };
    soon: (callBack: () => void) => void;
  }) {
    this.#store = options.store;
    this.#calls = options.calls;
    this.#counters = options.counters;
    this.#limits = options.limits;
    this.#soon = options.soon;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether all that is on its way is one append that went alone. */
  get isAlone(): boolean {
    return this.#inFlight === 1 && this.#lastShared === 1 && this.#pending.length === 0;
  }

  /** Resolves once the outcome is known; rejects with `EngineFault` when the store does not tell in time. */
  append(append: Append): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ append, resolve, reject });
      if (this.#lastShared === 1 || this.#pending.length >= this.#limits.statementAppendsMax)
        this.pump();
      if (this.#isPumpDue) return;
      this.#isPumpDue = true;
      this.#soon(() => {
        this.#isPumpDue = false;
        this.pump();
      });
    });
  }

  /** Sends an append once more, alone: it may have happened, or may happen still, though it was answered as fenced. */
  appendAgain(append: Append): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.#inFlight += 1;
      void this.#sendAlone({ append, resolve, reject }, true).finally(() => {
        this.#inFlight -= 1;
        this.pump();
      });
    });
  }

  /** Sends what has gathered, as far as statements are free. */
  pump(): void {
    const { statementsInFlightMax, statementAppendsMax } = this.#limits;
    const sharesMax = this.#store.sharesStatements ? statementAppendsMax : 1;
    const inFlightMax = this.#store.sharesStatements
      ? statementsInFlightMax
      : Number.POSITIVE_INFINITY;
    while (this.#pending.length > 0 && this.#inFlight < inFlightMax) {
      const some = this.#pending;
      this.#pending = some.length > sharesMax ? some.splice(sharesMax) : [];
      this.#inFlight += 1;
      this.#lastShared = some.length;
      void this.#send(some).finally(() => {
        this.#inFlight -= 1;
        this.pump();
      });
    }
  }

  async #send(some: readonly Pending[]): Promise<void> {
    const [first] = some;
    if (some.length === 1 && first !== undefined) return this.#sendAlone(first, false);
    try {
      this.#counters.statements += 1;
      const outcomes = await this.#store.append(some.map((one) => one.append));
      for (const [index, one] of some.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) one.reject(new Error("The store left an append unanswered."));
        else one.resolve(outcome);
      }
    } catch (error) {
      const isUnknown = error instanceof StoreFault && error.outcome === "unknown";
      this.#counters.storeFaults += 1;
      if (isUnknown) this.#counters.unknownOutcomes += 1;
      const rest = [...some];
      const next = async (): Promise<void> => {
        for (let one = rest.shift(); one !== undefined; one = rest.shift())
          await this.#sendAlone(one, isUnknown);
      };
      await Promise.all(Array.from({ length: aloneInFlightMax }, next));
    }
  }

  async #sendAlone({ append, resolve, reject }: Pending, isUnknown: boolean): Promise<void> {
    const patience = this.#calls.patience(append.row.workspaceId, "append");
    patience.isOutcomeUnknown = isUnknown;
    for (;;)
      try {
        this.#counters.statements += 1;
        const [outcome] = await this.#store.append([append]);
        if (outcome === undefined) throw new Error("The store left an append unanswered.");
        return resolve(patience.isOutcomeUnknown ? await this.#settled(append, outcome) : outcome);
      } catch (error) {
        if (error instanceof StoreFault && error.outcome === "unknown")
          this.#counters.unknownOutcomes += 1;
        try {
          await patience.bear(error);
        } catch (fault) {
          return reject(fault);
        }
      }
  }

  /** F3: what an append that was sent before as well has come to. Throws `StoreFault`. */
  async #settled(append: Append, outcome: AppendOutcome): Promise<AppendOutcome> {
    if (outcome.kind === "appended") return outcome;
    const { expected, row, watched } = append;
    const [there] = await this.#store.readRows(row.workspaceId, expected.seq, 1);
    if (there?.batchId !== row.batchId) return outcome;
    this.#counters.unknownOutcomesFound += 1;
    if (watched.length === 0) return { kind: "appended", seen: [] };
    const { ops } = await this.#store.readHead(row.workspaceId, watched);
    return { kind: "appended", seen: ops.filter((op) => op.seq <= expected.seq) };
  }
}
