/** Owns lies about a storm that has passed: each must be found by the judge of every storm, under the rule that it breaks. */
import { type Event, credits } from "@cistern/kernel";
import type { History, LastWord } from "./history/history.ts";
import { type Fact, type Journal, placeOf } from "./history/journal.ts";
import type { Attempt, Reading } from "./history/log.ts";
import type { Rule } from "./judge/finding.ts";

/** One lie. */
export interface Falsehood {
  readonly name: string;
  readonly breaks: Rule;
  readonly tell: (history: History) => History;
}

/** At least one for every rule but C10 and C12, which ask the database and the nodes themselves. */
export const falsehoods: readonly Falsehood[] = [
  {
    name: "an acknowledged settlement is not in the journal",
    breaks: "C1",
    tell: (history) =>
      inOneJournal(history, isSettlement, (journal, lost) => ({
        ...journal,
        facts: journal.facts.filter((fact) => fact !== lost),
      })),
  },
  {
    name: "the journal charges more than the caller was told",
    breaks: "C1",
    tell: (history) =>
      withEvent(history, isSettlement, (event) =>
        event.kind === "hold.settled" ? { ...event, charged: credits(event.charged + 1n) } : event,
      ),
  },
  {
    name: "a retry is answered otherwise than the first call",
    breaks: "C2",
    tell: (history) => {
      const { attempt, outcome } = acknowledgedHold(history);
      const answer = { ...outcome.answer, id: "hld_another" };
      return {
        ...history,
        attempts: [...history.attempts, { ...attempt, outcome: { ...outcome, answer } }],
      };
    },
  },
  {
    name: "a call is refused after its key was accepted",
    breaks: "C2",
    tell: (history) => {
      const { outcome } = refused(history);
      const { attempt, outcome: accepted } = acknowledgedHold(history);
      const problem = { ...outcome.problem, at: accepted.answer.at };
      return {
        ...history,
        attempts: [...history.attempts, { ...attempt, outcome: { ...outcome, problem } }],
      };
    },
  },
  {
    name: "a settlement stands in the journal twice",
    breaks: "C3",
    tell: (history) =>
      inOneJournal(history, isSettlement, (journal, { event }) => {
        const position = { seq: (journal.facts.at(-1)?.position.seq ?? 0) + 1, index: 0 };
        const twin = { event, position, place: placeOf(position) };
        return { ...journal, facts: [...journal.facts, twin] };
      }),
  },
  {
    name: "a call that was refused had its effect",
    breaks: "C4",
    tell: (history) => {
      const { outcome } = refused(history);
      const { operation } = acknowledgedHold(history).attempt;
      return {
        ...history,
        attempts: history.attempts.map((attempt) =>
          attempt.operation === operation ? { ...attempt, outcome } : attempt,
        ),
      };
    },
  },
  {
    name: "an effect stands before what was answered before it was asked for",
    breaks: "C5",
    tell: (history) => {
      const { operation } = acknowledgedHold(history).attempt;
      return {
        ...history,
        attempts: history.attempts.map((attempt) =>
          attempt.operation === operation ? afterAll(history, attempt) : attempt,
        ),
      };
    },
  },
  {
    name: "a node that wakes answers a read from its stale cache",
    breaks: "C5",
    tell: (history) => withReading(history, (reading) => afterAll(history, reading)),
  },
  {
    name: "a node that wakes refuses from its stale cache",
    breaks: "C5",
    tell: (history) => {
      const { attempt: stale } = refused(history);
      return {
        ...history,
        attempts: history.attempts.map((attempt) =>
          attempt === stale ? afterAll(history, attempt) : attempt,
        ),
      };
    },
  },
  {
    name: "a read tells a balance that never was",
    breaks: "C6",
    tell: (history) =>
      withReading(history, (reading) =>
        reading.kind === "balance"
          ? { ...reading, answer: { ...reading.answer, available: "0.123456" } }
          : reading,
      ),
  },
  {
    name: "a hold is refused that the pool could carry",
    breaks: "C6",
    tell: (history) => {
      const { attempt: wrong, outcome } = refused(history);
      const problem = { ...outcome.problem, available: outcome.problem.requested ?? "0" };
      return {
        ...history,
        attempts: history.attempts.map((attempt) =>
          attempt === wrong ? { ...attempt, outcome: { ...outcome, problem } } : attempt,
        ),
      };
    },
  },
  {
    name: "a hold takes more than the pool has",
    breaks: "C7",
    tell: (history) =>
      withEvent(history, isOpening, (event) =>
        event.kind === "hold.opened"
          ? {
              ...event,
              legs: event.legs.map((leg) => ({
                ...leg,
                credits: credits(leg.credits * 1_000_000_000n),
              })),
            }
          : event,
      ),
  },
  {
    name: "the balance has consumed what nobody was charged",
    breaks: "C8",
    tell: (history) => withLastWords(history, () => true),
  },
  {
    name: "the feed leaves an event out",
    breaks: "C11",
    tell: (history) => ({
      ...history,
      feeds: new Map([...history.feeds].map(([id, told]) => [id, told.toSpliced(1, 1)])),
    }),
  },
  {
    name: "the nodes tell two balances",
    breaks: "C9",
    tell: (history) => withLastWords(history, (index) => index === 0),
  },
];

const isSettlement = ({ kind }: Event): boolean => kind === "hold.settled";
const isOpening = ({ kind }: Event): boolean => kind === "hold.opened";
const later = 1_000_000_000;

/** Changes the first journal that holds such an event. */
function inOneJournal(
  history: History,
  isMeant: (event: Event) => boolean,
  change: (journal: Journal, fact: Fact) => Journal,
): History {
  let isChanged = false;
  const journals = history.journals.map((journal) => {
    const fact = isChanged ? undefined : journal.facts.find(({ event }) => isMeant(event));
    if (fact === undefined) return journal;
    isChanged = true;
    return change(journal, fact);
  });
  if (!isChanged) throw new Error("There is nothing to lie about.");
  return { ...history, journals };
}

function withEvent(
  history: History,
  isMeant: (event: Event) => boolean,
  change: (event: Event) => Event,
): History {
  return inOneJournal(history, isMeant, (journal, meant) => ({
    ...journal,
    facts: journal.facts.map((fact) =>
      fact === meant ? { ...fact, event: change(fact.event) } : fact,
    ),
  }));
}

function withReading(history: History, change: (reading: Reading) => Reading): History {
  const meant = history.readings.find(({ kind }) => kind === "balance");
  if (meant === undefined) throw new Error("There is no read to lie about.");
  return {
    ...history,
    readings: history.readings.map((reading) => (reading === meant ? change(reading) : reading)),
  };
}

/** Adds a credit to what the chosen nodes say was consumed. */
function withLastWords(history: History, isChosen: (index: number) => boolean): History {
  const change = (word: LastWord): LastWord => ({
    ...word,
    balances: word.balances.map(({ node, balance }, index) =>
      isChosen(index) ? { node, balance: { ...balance, consumed: "424242" } } : { node, balance },
    ),
  });
  return { ...history, lastWords: history.lastWords.map(change) };
}

/** The same, but asked and answered long after all else. */
const afterAll = <Asked extends Attempt | Reading>(history: History, asked: Asked): Asked => {
  const end = (history.attempts.at(-1)?.answeredAt ?? 0) + later;
  return { ...asked, invokedAt: end, answeredAt: end + 1 };
};

/** The first hold that was acknowledged. */
function acknowledgedHold({ attempts }: History) {
  for (const attempt of attempts) {
    const { operation, outcome } = attempt;
    if (operation.kind === "authorize" && outcome.kind === "acknowledged")
      return { attempt, outcome };
  }
  throw new Error("There is no hold to lie about.");
}

/** The first refusal for want of credits. */
function refused({ attempts }: History) {
  for (const attempt of attempts) {
    const { outcome } = attempt;
    if (outcome.kind === "refused" && outcome.problem.code === "pool_exhausted")
      return { attempt, outcome };
  }
  throw new Error("There is no refusal to lie about.");
}
