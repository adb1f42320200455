import {
  type Command,
  type Event,
  type Instant,
  type RateCard,
  type State,
  apply,
  decide,
  emptyState,
  instant,
  nextDue,
} from "@cistern/kernel";

const day = 86_400_000;
/** A day is what every window and every period lasts. */
export const calendar = {
  window: (_unit: string, at: number) => {
    const start = at - (at % day);
    return { start: instant(start), end: instant(start + day) };
  },
  boundary: (anchor: number, { count }: { count: number }, index: number) =>
    instant(anchor + count * index * day),
  dayNumber: (at: number) => Math.floor(at / day),
  sinceMonday: (at: number) => (at + 3 * day) % (7 * day),
  clockChange: () => null,
};

/** A command, or what somebody else than `decide` makes of the state. */
export type Step = Command | ((state: State, at: Instant) => Event);
/** Steps, each at its instant. */
export type Script = readonly (readonly [at: number, Step])[];

/** All events of a life in which every command is accepted, with what happened by itself. */
export function lived(
  script: Script,
  rateCard: RateCard = { id: "card", rows: [] },
): readonly Event[] {
  const state = emptyState();
  const events: Event[] = [];
  const put = (event: Event): void => {
    apply(state, event, { seq: events.length + 1, index: 0 });
    events.push(event);
  };
  for (const [ms, step] of script) {
    const at = instant(ms);
    for (let due = nextDue(state, at, calendar); due; due = nextDue(state, at, calendar)) put(due);
    if (typeof step === "function") {
      put(step(state, at));
      continue;
    }
    const decision = decide(state, step, at, { calendar, rateCard });
    if (decision.kind === "rejected") throw new Error(`${step.kind}: ${decision.rejection.code}`);
    for (const event of [...decision.ahead, decision.event, ...decision.notices]) put(event);
  }
  return events;
}

/** Terms of a plan whose periods last for a day. */
export const daily = { cadence: { unit: "day", count: 1 } } as const;
