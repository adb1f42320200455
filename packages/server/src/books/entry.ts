import type { Event, Position, Posting } from "@cistern/kernel";
import { postings, subjectOf } from "@cistern/kernel";
import { type Account, accountOf } from "./chart.ts";

/** One side of an entry. Debit positive, in both commodities: credits of a lot are what the vendor owes, so they stand below 0. */
export interface Line {
  readonly account: Account;
  /** `CREDIT` (in millionths) or a currency (in minor units). */
  readonly commodity: string;
  readonly amount: bigint;
}

/** A journal entry: what one event posts, on the day that it is posted on. */
export interface Entry {
  readonly workspaceId: string;
  readonly position: Position;
  /** `YYYY-MM-DD`, in the workspace's zone. */
  readonly date: string;
  /** The day that its event is of, such as that of late use, where it is another one. */
  readonly effective?: string;
  /** That of its event, or of what translation adds. */
  readonly kind: Event["kind"] | "books.remeasured";
  /** What it is about: an id of ours. */
  readonly of: string;
  readonly lines: readonly Line[];
  /** Lots whose money came out of another lot, by their ids; left out where there are none. */
  readonly origins?: Readonly<Record<string, string>>;
}

/** What of a workspace an entry needs. */
export interface EntryPlace {
  readonly workspaceId: string;
  readonly currency: string;
  readonly position: Position;
  readonly date: string;
  /** The day of an instant in the workspace's zone. */
  readonly dayOf: (at: number) => string;
}

/** The entry of an event; undefined where it posts nothing. `postings` alone decides amounts. Throws `ChartFault`. */
export function entryOf(event: Event, place: EntryPlace): Entry | undefined {
  const lines = postings(event).map((one) => lineOf(one, place.currency));
  if (lines.length === 0) return undefined;
  const { workspaceId, position, date } = place;
  const effectiveAt = effectiveAtOf(event);
  const effective = effectiveAt === null ? date : place.dayOf(effectiveAt);
  const origins = originsIn(event);
  return {
    workspaceId,
    position,
    date,
    ...(effective === date ? {} : { effective }),
    kind: event.kind,
    of: subjectOf(event),
    lines,
    ...(origins.length === 0 ? {} : { origins: Object.fromEntries(origins) }),
  };
}

/** When what an event books happened, where that may be another time than that of its posting. */
function effectiveAtOf(event: Event): number | null {
  switch (event.kind) {
    case "hold.settled":
      return event.authorizedAt;
    case "usage.debited":
    case "credits.repaid":
    case "credits.charged_back":
      return event.occurredAt;
    case "credits.granted":
      return event.lot.effectiveAt;
    default:
      return null;
  }
}

/** What rolled on, or came back when its own lot was over. */
function originsIn(event: Event): readonly (readonly [lot: string, origin: string])[] {
  const made = "made" in event ? (event.made ?? []) : [];
  const lots = event.kind === "usage.refunded" || event.kind === "credits.rolled_over";
  return [...(lots ? event.lots : []), ...made].flatMap(({ id, source, reference, finance }) => {
    const origin = finance?.origin ?? (source === "rollover" ? reference : null);
    return origin === null ? [] : [[id, origin] as const];
  });
}

/** The kernel counts a lot's credits as they are there; in the books they are a liability. */
function lineOf(posting: Posting, currency: string): Line {
  const account = accountOf(posting);
  return posting.commodity === "CREDIT"
    ? { account, commodity: "CREDIT", amount: -posting.amount }
    : { account, commodity: posting.currency ?? currency, amount: posting.amount };
}
