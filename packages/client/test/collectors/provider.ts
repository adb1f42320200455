// A provider on a real socket that speaks the details which stand-ins drop: what it sends is written by the test, byte by byte, and it can
// stop in the middle, hang, or hang up.
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";

/** What the provider does with one request. */
export type Script = (request: ProviderCall, response: ServerResponse) => Promise<void> | void;

/** A request as it arrived. */
export interface ProviderCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A provider that runs until it is disposed of. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly ProviderCall[];
  /** Whether the caller hung up before the answer was over, by call. */
  readonly hungUp: readonly boolean[];
}

/** Starts a provider; the scripts are played one a request, the last one again and again. */
export async function startProvider(...scripts: readonly Script[]): Promise<Provider> {
  const calls: ProviderCall[] = [];
  const hungUp: boolean[] = [];
  const server = createServer((request, response) => {
    const index = hungUp.push(false) - 1;
    response.on("close", () => {
      hungUp[index] = !response.writableFinished;
    });
    const answer = async (): Promise<void> => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      const { method = "", url: path = "", headers } = request;
      const call = { method, path, headers, text, json: jsonOf(text) };
      calls.push(call);
      const script = scripts[Math.min(index, scripts.length - 1)];
      await script?.(call, response);
    };
    answer().catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    hungUp,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Answers with JSON. */
export const answering =
  (body: unknown, status = 200): Script =>
  (_call, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };

/** Answers with JSON as far as the end of a text in it, and hangs up there. */
export const cutAfter =
  (text: string, body: unknown): Script =>
  (_call, response) => {
    const whole = JSON.stringify(body);
    const at = whole.indexOf(text);
    if (at === -1) throw new Error(`The answer has no ${text}`);
    response.writeHead(200, { "content-type": "application/json" });
    response.write(whole.slice(0, at + text.length), () => setImmediate(() => response.destroy()));
  };

/** Hangs up without a word. */
export const silent: Script = (_call, response) => {
  response.destroy();
};

/** Never answers. */
export const hanging: Script = () => new Promise(() => {});

/** Streams these texts, each as a write of its own, and then does as told. */
export const streaming =
  (parts: readonly string[], then: "end" | "hangUp" | "wait" = "end"): Script =>
  async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) {
      await new Promise<void>((resolve) => response.write(part, () => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (then === "end") response.end();
    if (then === "hangUp") response.destroy();
  };

/** One server-sent event. */
export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
