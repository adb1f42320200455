/**
 * Owns one request to an endpoint: to an address that may be called, within a time, and reading no more of the answer than it must.
 *
 * R1 no redirect is followed: 3xx is an answer like another. R2 the answer counts once it came whole, or as much of it as is read. R3 each request has
 * a connection of its own, so that the address of each was looked at.
 */
import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import type { EngineClock } from "../../engine/index.ts";
import {
  type AddressRules,
  type Resolve,
  guardedLookup,
  readEndpointUrl,
} from "./address-guard.ts";

/** What is sent. */
export interface Sending {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal;
}

/** What came back. */
export type Sent = { readonly ms: number } & (
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** Its beginning. */
      readonly text: string;
    }
  | { readonly kind: "fault"; readonly fault: string }
);

/** Sends one request; never rejects. */
export type Send = (sending: Sending) => Promise<Sent>;

/** What sending stands on. */
export interface SendOptions {
  readonly resolve: Resolve;
  readonly rules: AddressRules;
  readonly clock: Pick<EngineClock, "now" | "after">;
  /** From the first byte that is sent to the last that is read. */
  readonly timeoutMs: number;
}

const answerBytesMax = 65_536;
const shownCharacters = 1_024;

/** See the file head. */
export function createSend({ resolve, rules, clock, timeoutMs }: SendOptions): Send {
  const lookup = guardedLookup(resolve, rules);
  return async ({ url: text, headers, body, signal }) => {
    const from = clock.now();
    const url = readEndpointUrl(text, rules);
    if (typeof url === "string") return { kind: "fault", fault: `The address ${url}`, ms: 0 };
    const over = new AbortController();
    const cancel = clock.after(timeoutMs, () => over.abort());
    try {
      const signals = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
      const answer = await ask(url, { headers, body, lookup, signal: signals });
      return { kind: "answered", ...answer, ms: clock.now() - from };
    } catch (error) {
      const fault = over.signal.aborted
        ? `No whole answer within ${timeoutMs} ms.`
        : faultText(error);
      return { kind: "fault", fault, ms: clock.now() - from };
    } finally {
      cancel();
    }
  };
}

interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly lookup: ReturnType<typeof guardedLookup>;
  readonly signal: AbortSignal;
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

function ask(url: URL, { headers, body, lookup, signal }: Asking): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? overHttps : overHttp;
    const bytes = Buffer.from(body);
    const options = {
      method: "POST",
      headers: { ...headers, "content-length": bytes.length },
      // R3.
      agent: false,
      lookup,
      signal,
    };
    const sent = request(url, options, (answer) => {
      readStart(answer).then(
        (text) =>
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: answer.headers["retry-after"],
            text,
          }),
        reject,
      );
    });
    sent.on("error", reject);
    sent.end(bytes);
  });
}

/** R2. */
async function readStart(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer) {
    if (!Buffer.isBuffer(piece)) continue;
    size += piece.length;
    pieces.push(piece);
    if (size > answerBytesMax) break;
  }
  if (!answer.complete && size <= answerBytesMax)
    throw new Error("The connection ended before the answer was whole.");
  answer.destroy();
  return Buffer.concat(pieces).toString("utf8").slice(0, shownCharacters);
}

function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried, and none answered.
  if (error instanceof AggregateError) return error.errors.map(faultText).join(" ");
  return error.message;
}
