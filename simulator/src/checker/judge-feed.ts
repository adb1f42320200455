/**
 * Asks of the consumer of each feed: did it read every event once, in order, gapless, and only what was durable? What it read
 * under another hash is another event: a failover's lost tail is never taken for what came instead.
 */
import type { FeedRead } from "../history/call.ts";
import { textOf } from "../history/text-of.ts";
import { type Timeline, eventAt, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** Judges one workspace's reads, in the order in which they were made. */
export function judgeFeed(
  reads: readonly FeedRead[],
  timelines: readonly Timeline[],
  violations: Violation[],
): void {
  const workspaceId = timelines[0]?.workspaceId ?? "";
  const tell = (text: string): void => {
    violations.push({ question: "feed", workspaceId, text });
  };
  const seen = new Set<string>();
  let isComplete = true;
  for (const read of reads) {
    if (read.events === undefined) {
      if (!isLost(read, timelines))
        tell(`the cursor ${told(read.after)} stands, and is called lost`);
      continue;
    }
    const there = timelines.filter(({ branch }) => branch.untilUs >= read.askedUs);
    const fits = there.some((timeline) => isPage(read, timeline));
    if (!fits) tell(`the page after ${told(read.after)} is not what follows`);
    for (const { position, hash } of read.events) seen.add(`${told(position)}:${hash}`);
    isComplete &&= fits;
  }
  const standing = timelines.at(-1);
  if (standing === undefined || !isComplete) return;
  const lastUs = reads.at(-1)?.askedUs ?? 0;
  const missed = standing.events.find(
    ({ position, committed }) =>
      committed.committedUs < lastUs &&
      !seen.has(`${told(position)}:${committed.row.hash.slice(0, 8)}`),
  );
  if (missed !== undefined) tell(`the consumer never saw ${told(missed.position)}`);
}

/** The events of a page are those after its cursor, one after the other, and durable when it was answered. */
function isPage({ after, events, answeredUs }: FeedRead, timeline: Timeline): boolean {
  if (events === undefined) return false;
  const last = after.seq === 0 ? undefined : eventAt(timeline, after);
  if (after.seq > 0 && !hasHash(last?.committed.row.hash, after.hash)) return false;
  let ordinal = last?.ordinal ?? -1;
  for (const { event, hash } of events) {
    ordinal += 1;
    const placed = timeline.events[ordinal];
    if (placed === undefined || placed.committed.committedUs > answeredUs) return false;
    if (!placed.committed.row.hash.startsWith(hash) || placed.text !== textOf(event)) return false;
  }
  return true;
}

function isLost({ after, answeredUs }: FeedRead, timelines: readonly Timeline[]): boolean {
  return timelines.some(
    (timeline) =>
      timeline.branch.fromUs <= answeredUs &&
      !hasHash(eventAt(timeline, after)?.committed.row.hash, after.hash),
  );
}

const hasHash = (hash: string | undefined, start: string | undefined): boolean =>
  hash !== undefined && hash.startsWith(start ?? "");
