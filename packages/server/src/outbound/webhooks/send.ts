/**
 * Owns one request to an endpoint: to an address that may be called, within a time, and reading no more of the answer than it must.
 *
 * R1 no redirect is followed: 3xx is an answer like another. R2 the answer counts once it came whole, or as much of it as is read. R3 each connection goes to
 * an address that was looked at for it, and stays there (`kept-connections.ts`). R4 whatever the address, the certificate must be of the name in the URL.
 */
import { type ClientRequest, type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import type { EngineClock } from "../../engine/index.ts";
import {
  type AddressRules,
  type Resolve,
  guardedLookup,
  readEndpointUrl,
} from "./address-guard.ts";
import { certificateFault } from "./certificate-fault.ts";
import { type KeptConnections, keptConnections } from "./kept-connections.ts";

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
  const kept = keptConnections(clock);
  return async ({ url: text, headers, body, signal }) => {
    const from = clock.now();
    const url = readEndpointUrl(text, rules);
    if (typeof url === "string") return { kind: "fault", fault: `The address ${url}`, ms: 0 };
    const over = new AbortController();
    const cancel = clock.after(timeoutMs, () => over.abort());
    try {
      const signals = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
      const answer = await ask(url, { headers, body, lookup, kept, signal: signals });
      return { kind: "answered", ...answer, ms: clock.now() - from };
    } catch (error) {
      const fault = over.signal.aborted
        ? `No whole answer within ${timeoutMs} ms.`
        : faultText(error, url);
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
  readonly kept: KeptConnections;
  readonly signal: AbortSignal;
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** A connection that was kept may have ended on the other side just now: then the same is sent again over a new one. */
async function ask(url: URL, asking: Asking): Promise<Answered> {
  try {
    return await askOnce(url, asking, "kept");
  } catch (error) {
    if (!(error instanceof ConnectionWasOver)) throw error;
    return await askOnce(url, asking, "new");
  }
}

class ConnectionWasOver extends Error {}

function askOnce(
  url: URL,
  { headers, body, lookup, kept, signal }: Asking,
  connection: "kept" | "new",
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === "https:";
    const bytes = Buffer.from(body);
    const options = {
      method: "POST",
      headers: { ...headers, "content-length": bytes.length },
      lookup,
      signal,
    };
    const sent: ClientRequest = isTls
      ? overHttps(url, { ...options, agent: connection === "kept" && kept.https })
      : overHttp(url, { ...options, agent: connection === "kept" && kept.http });
    sent.on("response", (answer) => {
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
    sent.on("error", (error) => {
      reject(sent.reusedSocket && isOver(error) ? new ConnectionWasOver() : error);
    });
    sent.end(bytes);
  });
}

const isOver = (error: Error): boolean =>
  "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");

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
  if (!answer.complete) answer.destroy();
  return Buffer.concat(pieces).toString("utf8").slice(0, shownCharacters);
}

function faultText(error: unknown, url: URL): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried, and none answered.
  if (error instanceof AggregateError)
    return error.errors.map((one) => faultText(one, url)).join(" ");
  return certificateFault(error, url.hostname) ?? error.message;
}
