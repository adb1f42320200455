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
  readonly kind: Event["kind"];
  /** What it is about: an id of ours. */
  readonly of: string;
  readonly lines: readonly Line[];
}

/** What of a workspace an entry needs. */
export interface EntryPlace {
  readonly workspaceId: string;
  readonly currency: string;
  readonly position: Position;
  readonly date: string;
}

/** The entry of an event; undefined where it posts nothing. `postings` alone decides amounts. Throws `ChartFault`. */
export function entryOf(event: Event, place: EntryPlace): Entry | undefined {
  const lines = postings(event).map((one) => lineOf(one, place.currency));
  if (lines.length === 0) return undefined;
  const { workspaceId, position, date } = place;
  return { workspaceId, position, date, kind: event.kind, of: subjectOf(event), lines };
}

/** The kernel counts a lot's credits as they are there; in the books they are a liability. */
function lineOf(posting: Posting, currency: string): Line {
  const account = accountOf(posting);
  return posting.commodity === "CREDIT"
    ? { account, commodity: "CREDIT", amount: -posting.amount }
    : { account, commodity: posting.currency ?? currency, amount: posting.amount };
}
