import {
  type Command,
  type Decision,
  type Event,
  type Hold,
  type Position,
  type Prices,
  type RateCard,
  type RateCards,
  type State,
  apply,
  cardMovedOn,
  decide,
  emptyState,
  holdsTouched,
  instant,
  nextDue,
  recall,
} from "@cistern/kernel";
import { calendar } from "./calendar.ts";

/** One event and its place. */
export interface Row {
  readonly event: Event;
  readonly position: Position;
}

/** Chat by the token, in batches at half, images by the piece; search is priced for one model only. */
export const rateCard: RateCard = {
  id: "card-1",
  rows: [
    {
      id: "chat-any",
      meter: "chat",
      model: null,
      attributes: {},
      per: 1_000_000n,
      prices: { input_text: 2_500_000n, output_text: 10_000_000n },
    },
    {
      id: "chat-small",
      meter: "chat",
      model: "small",
      attributes: {},
      per: 1_000_000n,
      prices: { input_text: 1n, output_text: 3n },
    },
    {
      id: "chat-batch",
      meter: "chat",
      model: null,
      attributes: { tier: "batch" },
      per: 1_000_000n,
      prices: { input_text: 1_250_000n, output_text: 5_000_000n },
      cost: {
        currency: "USD",
        per: 1_000n,
        prices: { input_text: 37_500n, output_text: 400n },
        context: {
          buckets: ["input_text"],
          tiers: [{ above: 1_000, prices: { input_text: 30_000n, output_text: 400n } }],
        },
      },
    },
    {
      id: "image-any",
      meter: "image",
      model: null,
      attributes: {},
      per: 1n,
      prices: { images: 4n },
      // In another currency than that of most workspaces.
      cost: { currency: "EUR", per: 1n, prices: { images: 700_000_003n } },
    },
    {
      id: "image-strict",
      meter: "image",
      model: "strict",
      attributes: {},
      per: 1n,
      prices: { images: 4n },
      outcomes: {
        delivered: "estimate",
        failed: "usage",
        cancelled: "nothing",
        unmeasured: "nothing",
      },
    },
    {
      id: "storage",
      meter: "storage",
      model: null,
      attributes: {},
      per: 3_600_000n,
      prices: { stored_gib: 5n },
      isLevel: true,
      cost: { currency: "USD", per: 3_600_000n, prices: { stored_gib: 1_000_000n } },
    },
    {
      id: "search-web",
      meter: "search",
      model: "web",
      attributes: {},
      per: 1n,
      prices: { calls: 1n },
    },
  ],
};

/** The version after it: all twice as dear, and no search. */
export const dearer: RateCard = {
  id: "card-2",
  rows: rateCard.rows
    .filter(({ meter }) => meter !== "search")
    .map((row) => ({ ...row, per: row.per * 2n, prices: quadrupled(row.prices) })),
};

function quadrupled(prices: Prices): Prices {
  return Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, price * 4n]));
}

const rateCardOf = (id: string): RateCard | undefined =>
  [rateCard, dearer].find((card) => card.id === id);

/** The kernel as an engine drives it, with a journal in memory: what is due first, then the command, then its event. */
export class Journal {
  readonly state: State;
  readonly rows: Row[] = [];
  /** The one in force; a test may put another there. */
  rateCard: RateCard = rateCard;
  /** Those in force that plans may name. */
  rateCards: Readonly<Record<string, RateCard>> = {};
  /** Those that were in force; left out, what is in force now always was. */
  rateCardThen: RateCards["rateCardThen"];
  #seq = 0;

  constructor(state: State = emptyState()) {
    this.state = state;
  }

  /** Applies all that is due up to `at`; gives its events. */
  pass(at: number): readonly Event[] {
    const happened: Event[] = [];
    for (;;) {
      const event = nextDue(this.state, instant(at), calendar);
      if (event === undefined) return happened;
      this.#append([event]);
      happened.push(event);
    }
  }

  /** Decides a command after what was due and is told, without applying it. */
  decide(command: Command, at: number): Decision {
    this.pass(at);
    const rateCardNamed = (name: string) => this.rateCards[name];
    const { rateCard: card, rateCardThen } = this;
    const around = { calendar, rateCard: card, rateCardNamed, rateCardOf };
    const then = rateCardThen === undefined ? around : { ...around, rateCardThen };
    const told = cardMovedOn(this.state, instant(at), then);
    if (told !== undefined) this.#append([told]);
    return decide(this.state, this.#withRecalled(command), instant(at), then);
  }

  /** Decides a command and, when it is accepted, applies its event and notices. */
  run(command: Command, at: number): Decision {
    const decision = this.decide(command, at);
    if (decision.kind === "accepted") {
      const { ahead, event, notices } = decision;
      this.#append([...ahead, event, ...notices]);
    }
    return decision;
  }

  /** A hold, from memory or read from its events again. */
  hold(id: string): Hold | undefined {
    return this.state.holds.holds.get(id) ?? this.recall(id);
  }

  recall(id: string): Hold | undefined {
    return recall(
      id,
      this.rows.filter(({ event }) => holdsTouched(event).includes(id)),
    );
  }

  /** A second state, from the journal alone, as it would be decoded. */
  replayed(): Journal {
    const journal = new Journal();
    for (const { event, position } of this.rows) {
      const copy = structuredClone(event);
      apply(journal.state, copy, position);
      journal.rows.push({ event: copy, position });
    }
    journal.#seq = this.#seq;
    return journal;
  }

  /** Takes back what was applied after a mark of the undo log, and forgets its rows. */
  undoTo(mark: number, rows: number): void {
    this.state.undo.undoTo(mark);
    this.rows.length = rows;
    this.#seq = this.rows.at(-1)?.position.seq ?? 0;
  }

  #append(events: readonly Event[]): void {
    this.#seq += 1;
    for (const [index, event] of events.entries()) {
      const position = { seq: this.#seq, index };
      apply(this.state, event, position);
      this.rows.push({ event, position });
    }
  }

  #withRecalled(command: Command): Command {
    if (!("recalled" in command)) return command;
    const id = "hold" in command ? command.hold : command.of;
    if (this.state.holds.holds.get(id) !== undefined) return command;
    return { ...command, recalled: this.recall(id) ?? null };
  }
}

/** All rows of all tables by key, and the indexes and totals that follow them: what undo and replay must give again. */
export function dump(state: State): unknown {
  const { pool, holds, members, limits, subscriptions, outcomes, topUps } = state;
  return {
    tables: state.tables.map((table) => [table.name, byKey(table.entries())]),
    burning: pool.burning.rows.map((lot) => lot.id),
    owing: pool.owing.rows.map((debt) => debt.of),
    starting: pool.starting.rows.map((lot) => lot.id),
    totals: { ...pool.totals },
    holds: { ...holds.totals },
    next: [
      holds.expiring.first(),
      holds.resting.first(),
      pool.ending.first(),
      subscriptions.ending.first(),
      subscriptions.recognising.first(),
      outcomes.finalizing.first(),
      outcomes.resting.first(),
      outcomes.evidenceResting.first(),
    ].map((entry) => (entry === undefined ? null : [entry.dueAt, entry.id])),
    estimate: outcomes.estimate.row,
    periods: outcomes.byTime.rows.map((period) => period.id),
    byCustomer: byKey(outcomes.byCustomer).map(([id, cases]) => [id, [...cases].toSorted()]),
    live: subscriptions.live.row?.id,
    topUps: [topUps.rule.row, topUps.pending.credits, topUps.pending.automatic],
    guests: members.counts.guests,
    closed: state.closing.latest.row?.month,
    sponsored: byKey(members.sponsored).map(([id, acting]) => [id, [...acting].toSorted()]),
    limits: Object.entries(limits.byScope).map(([kind, shelf]) => [kind, byKey(shelf)]),
  };
}

const byKey = <T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
