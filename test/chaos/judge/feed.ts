import { type Journal, printPlace } from "../history/journal.ts";
import type { Told } from "../load/follower.ts";
import type { Finding } from "./finding.ts";

/** C11: what a follower was told is the journal from its start, event by event; only what came after its last page is missing. */
export function judgeFeed({ workspace, facts }: Journal, told: readonly Told[]): Finding[] {
  for (const [index, { id, type }] of told.entries()) {
    const fact = facts[index];
    const expected =
      fact === undefined ? "nothing" : `${workspace}:${printPlace(fact.place)} ${fact.event.kind}`;
    const actual = `${id.slice(0, id.lastIndexOf(":"))} ${type}`;
    if (actual !== expected)
      return [{ rule: "C11", workspace, found: `the feed tells ${actual} where ${expected} is` }];
  }
  // A hold may still expire when all callers are done.
  const untold = facts.slice(told.length).find(({ event }) => event.kind !== "hold.expired");
  if (untold === undefined) return [];
  const found = `the feed leaves out ${untold.event.kind} at ${printPlace(untold.place)}`;
  return [{ rule: "C11", workspace, found }];
}
