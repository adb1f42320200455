/**
 * Owns how a feed goes out as server-sent events: one page of the operation after the other, on one connection.
 *
 * V1 an event's `id` is the cursor after it, so whoever connects again with it goes on without a gap and without a double.
 * V2 the next event is read when the last one is on its way: a slow reader costs this node one page, however long its feed is.
 * V3 it ends when the node drains, when the key opens nothing any more, when the feed refuses, or when nobody reads for long.
 */
import { type CloudEvent, type EventPage, cursorAfter } from "@cistern/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FeedWatch } from "../../feed/index.ts";
import type { Operation, RawCall } from "../calls/operation.ts";
import { refuse } from "../problems/problem.ts";
import { sendAnswer } from "./send-answer.ts";

/** What a stream is made of. */
export interface StreamedCall {
  readonly operation: Operation;
  readonly call: RawCall;
  /** `Last-Event-ID`, as it came. */
  readonly lastSeen: string | undefined;
  readonly feed: FeedWatch;
  /** Whether the key still opens what it opened. */
  readonly isKnown: () => Promise<boolean>;
}

const quietDefault = "PT15S";
const stalledMs = 60_000;
const againMs = 1_000;
const againSeconds = 5;
const contentType = "text/event-stream";

/** Whether the caller takes a stream; only one that asks for JSON and for no stream does not. */
export function wantsStream({
  headers: { accept = "" },
}: Pick<FastifyRequest, "headers">): boolean {
  return accept.includes(contentType) || !accept.includes("application/json");
}

/** Answers with a stream, or with the refusal of its first page. */
export async function sendStream(
  reply: FastifyReply,
  streamed: StreamedCall,
): Promise<FastifyReply> {
  const { operation, call, lastSeen, feed } = streamed;
  const after = lastSeen === undefined ? {} : { after: lastSeen };
  const query = { wait: quietDefault, ...objectOf(call.query), ...after };
  const close = feed.openStream();
  if (close === undefined) return sendAnswer(reply, tooMany);
  try {
    const first = await operation.run({ ...call, query: { ...query, wait: "PT0S" } });
    if (first.kind === "refused") return sendAnswer(reply, first);
    reply.hijack();
    reply.raw.writeHead(200, {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    await write(reply, `retry: ${againMs}\n\n`, feed);
    await writePages(reply, pageOf(first.body), { ...streamed, call: { ...call, query } });
    reply.raw.end();
    return reply;
  } finally {
    close();
  }
}

/** V1, V2. */
async function writePages(
  reply: FastifyReply,
  first: EventPage,
  { operation, call, feed, isKnown }: StreamedCall,
): Promise<void> {
  let page = first;
  for (;;) {
    let sent: string | undefined;
    for (const event of page.data) {
      sent = cursorAfter(event);
      if (!(await write(reply, printEvent(event, sent), feed))) return;
    }
    // What the filter left out is passed over, also by whoever connects again.
    if (page.next !== sent && !(await write(reply, `: quiet\nid: ${page.next}\n\n`, feed))) return;
    if (feed.isOver || !(await isKnown())) return;
    const query = { ...objectOf(call.query), after: page.next };
    const answer = await operation.run({ ...call, query });
    if (answer.kind === "refused") return;
    page = pageOf(answer.body);
  }
}

const printEvent = (event: CloudEvent, cursor: string): string =>
  `id: ${cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** False where there is nobody to write to any more. */
async function write({ raw }: FastifyReply, text: string, feed: FeedWatch): Promise<boolean> {
  if (raw.destroyed || raw.closed) return false;
  if (raw.write(text)) return true;
  return await new Promise<boolean>((resolve) => {
    const settle = (isDrained: boolean): void => {
      cancel();
      raw.off("drain", drained);
      raw.off("close", closed);
      resolve(isDrained);
    };
    const drained = (): void => settle(true);
    const closed = (): void => settle(false);
    const cancel = feed.after(stalledMs, () => {
      raw.destroy();
      settle(false);
    });
    raw.once("drain", drained);
    raw.once("close", closed);
  });
}

const tooMany = {
  ...refuse(
    "overloaded",
    `This node has as many streams open as it keeps. Connect again in ${againSeconds} s, or read the feed page by page with wait.`,
  ),
  retryAfter: againSeconds,
};

function pageOf(body: unknown): EventPage {
  const isPage = (value: unknown): value is EventPage =>
    typeof value === "object" && value !== null && "data" in value && "next" in value;
  if (!isPage(body)) throw new Error("The answer is no page of events.");
  return body;
}

const objectOf = (query: unknown): object =>
  typeof query === "object" && query !== null ? query : {};
