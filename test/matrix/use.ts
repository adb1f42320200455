/** Owns how a program uses an SDK in a situation, whichever SDK it is: calls, reads, gives up, and tells what it has seen. */
import type { AllTold, Connection, On, RunnableRow, Situation, Through, Told } from "./cell.ts";

/** What a program says beside its question. */
export interface How {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** How often the SDK asks again. */
  readonly retries: number;
  /** The model is offered a tool. */
  readonly hasTool?: true;
}

/** An SDK's calls. They answer what a program reads of them, as JSON. */
export interface Use<Client> {
  /** The answer in one piece. */
  readonly whole: (client: Client, how: How) => PromiseLike<unknown>;
  /** Part by part; left out where there are no streams. */
  readonly stream?: (client: Client, how: How) => AsyncIterable<unknown>;
}

/** An SDK with its collector. */
export interface Row<Client> {
  readonly sdk: string;
  /** How a program makes it; metered by the collector where one is given. */
  readonly connect: (to: Connection) => Client | Promise<Client>;
  readonly use: Use<Client>;
  readonly told: AllTold;
}

/** A program that gives up after this has been approved long before. */
const timeoutMs = 1_000;

/** A row that can be run, metered in the program or by the gateway. */
export function runnable<Client>(row: Row<Client>, through?: Through): RunnableRow {
  const { sdk, told, use } = row;
  const run = async (situation: Situation, cell: Told, { to, asked }: On): Promise<unknown> => {
    const client = await row.connect(to);
    const whole = async (how: How): Promise<unknown> => await seenOf(use.whole(client, how));
    switch (situation) {
      case "abort":
        return await aborted(use, client, { until: cell.until ?? " you", asked });
      case "left at the end":
        return await left(use, client, cell.until ?? " you");
      case "retry":
        return await whole({ retries: 2 });
      case "timeout":
        return await whole({ retries: 0, timeoutMs });
      case "plain":
      case "stream":
      case "disconnect":
      case "cut JSON":
      case "cut tool call":
      case "missing usage":
      case "provider error":
      case "cached tokens":
      case "reasoning tokens":
      case "tool calls": {
        const how: How =
          situation === "tool calls" ? { retries: 0, hasTool: true } : { retries: 0 };
        return isStreamed(situation, cell, use)
          ? await read(use.stream?.(client, how))
          : await whole(how);
      }
    }
  };
  return { sdk, through, told, run };
}

/** A connection is lost in the middle of a stream, where there are streams. */
function isStreamed<Client>(situation: Situation, { by }: Told, { stream }: Use<Client>): boolean {
  const isUsual =
    situation === "stream" || situation === "disconnect" || situation === "cut tool call";
  return stream !== undefined && (by ?? (isUsual ? "stream" : "whole")) === "stream";
}

/** A stream is left in its middle, an answer in one piece before it comes. */
async function aborted<Client>(
  { whole, stream }: Use<Client>,
  client: Client,
  { until, asked }: { readonly until: string; readonly asked: () => Promise<void> },
): Promise<unknown> {
  const abort = new AbortController();
  const how = { retries: 0, signal: abort.signal };
  if (stream !== undefined)
    return await read(stream(client, how), (part) => {
      if (has(part, until)) abort.abort();
      return true;
    });
  const seen = seenOf(whole(client, how));
  await asked();
  abort.abort();
  return await seen;
}

/** A program that has had all that it wanted closes, and does not look what comes after. */
async function left<Client>(
  { stream }: Use<Client>,
  client: Client,
  until: string,
): Promise<unknown> {
  const abort = new AbortController();
  return await read(stream?.(client, { retries: 0, signal: abort.signal }), (part) => {
    if (!has(part, until)) return true;
    abort.abort();
    return false;
  });
}

const has = (part: unknown, text: string): boolean => JSON.stringify(part).includes(text);

/** All parts of a stream, and how it ended. */
async function read(
  parts: AsyncIterable<unknown> | undefined,
  goesOn: (part: unknown) => boolean = () => true,
): Promise<unknown> {
  const seen: unknown[] = [];
  const reading = async (): Promise<void> => {
    for await (const part of parts ?? []) {
      seen.push(part);
      if (!goesOn(part)) break;
    }
  };
  return { seen, ended: await seenOf(reading()) };
}

/** What a promise came to, as a program that catches errors sees it. */
async function seenOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: String(error) };
    const status = "status" in error ? error.status : undefined;
    return {
      error: error.constructor.name,
      message: error.message,
      ...(status === undefined ? {} : { status }),
    };
  }
}
