// A small server that speaks the contract over real HTTP: the peer of the client's network, with faults on demand. It keeps keys
// and effects as a server does, so that a test can count what happened.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Operation, OperationResult, Problem, ProblemCode } from "@cistern/contract";

/** What the next request meets instead of an answer, or before it. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: unknown;
      readonly retryAfter?: string;
    }
  /** Takes effect, and the answer is lost. */
  | { readonly kind: "lostAnswer" }
  /** Is lost before it has an effect. */
  | { readonly kind: "lostRequest" }
  /** Takes effect, and the answer never comes. */
  | { readonly kind: "silence" };

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** What was charged, in the order in which it took effect. */
export interface Charged {
  readonly of: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export function problem(code: ProblemCode, status: number, detail: string = code): Problem {
  return { type: `/problems/${code}`, title: code, status, code, detail };
}

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOperation(value: unknown): value is Operation {
  return isJson(value) && typeof value["path"] === "string" && typeof value["method"] === "string";
}

export class Peer {
  readonly arrived: Arrived[] = [];
  readonly charged: Charged[] = [];
  readonly faults: Fault[] = [];
  readonly holds: Map<string, "open" | "settled" | "released"> = new Map();
  /** What the next operations get instead of an effect, one each; `undefined` lets one through. */
  readonly setbacks: (OperationResult | undefined)[] = [];
  /** Operations refused by their path's end, such as `settle`. */
  readonly refusals: Map<string, Problem> = new Map();
  /** Waits before an answer, so that requests overlap. */
  answerDelayMs = 0;
  #keys = new Map<string, { print: string; result: OperationResult }>();
  #server: Server | undefined;
  #port = 0;
  #made = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = portOf(server.address());
  }

  /** Goes away: open connections break, new ones are refused; `start` brings it back with all it knows. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The credits of everything that was charged. */
  creditsCharged(): number {
    return this.charged.reduce((sum, { body }) => sum + Number(body["credits"] ?? 0), 0);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    request.setEncoding("utf8");
    for await (const chunk of request) text += String(chunk);
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const key = request.headers["idempotency-key"];
    const operation = {
      method: request.method ?? "",
      path: request.url ?? "",
      key: Array.isArray(key) ? key[0] : key,
      body,
    };
    this.arrived.push({ ...operation, authorization: request.headers.authorization });
    const fault = operation.path === "/readyz" ? undefined : this.faults.shift();
    if (fault?.kind === "answer") {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      response.writeHead(fault.status, headers).end(JSON.stringify(fault.body));
      return;
    }
    if (fault?.kind === "lostRequest") {
      request.socket.destroy();
      return;
    }
    const result = this.#answer(operation);
    if (this.answerDelayMs > 0)
      await new Promise((resolve) => setTimeout(resolve, this.answerDelayMs));
    if (fault?.kind === "lostAnswer") request.socket.destroy();
    else if (fault === undefined) {
      const headers = result.replayed === true ? { "idempotency-replayed": "true" } : {};
      response.writeHead(result.status, headers).end(JSON.stringify(result.body));
    }
  }

  #answer(operation: {
    method: string;
    path: string;
    key: string | undefined;
    body: unknown;
  }): OperationResult {
    const { path, method, body } = operation;
    if (path === "/v1/batch" && isJson(body) && Array.isArray(body["operations"])) {
      const results = body["operations"].filter(isOperation).map((each) =>
        this.#answer({
          method: each.method,
          path: each.path,
          key: each.idempotencyKey,
          body: each.body,
        }),
      );
      return { status: 200, body: { results } };
    }
    if (method === "GET") return { status: 200, body: { status: "ok", path } };
    const setback = this.setbacks.shift();
    if (setback !== undefined) return setback;
    const key = operation.key ?? defaultKey(path, body);
    const print = JSON.stringify([method, path, body]);
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined)
      return known.print === print
        ? { ...known.result, replayed: true }
        : { status: 422, body: problem("idempotency_key_reused", 422) };
    const result = this.#effect(path, isJson(body) ? body : {});
    if (key !== undefined && result.status < 300) this.#keys.set(key, { print, result });
    return result;
  }

  #effect(path: string, body: Json): OperationResult {
    const parts = path.split("/");
    const verb = parts.at(-1) ?? "";
    const refusal = this.refusals.get(verb);
    if (refusal !== undefined) return { status: refusal.status, body: refusal };
    const balance = { available: "0", held: "0" };
    const at = { seq: this.charged.length, index: 0 };
    switch (verb) {
      case "holds": {
        const id = this.#id("hld");
        this.holds.set(id, "open");
        const answer = {
          id,
          status: "open",
          member: body["member"],
          credits: body["credits"] ?? "10",
        };
        const expiresAt = "2030-01-01T00:00:00Z";
        return { status: 201, body: { ...answer, expiresAt, lots: [], balance, at } };
      }
      case "settle":
      case "release":
      case "extend": {
        const id = parts.at(-2) ?? "";
        const status = this.holds.get(id);
        if (status === undefined) return refused("unknown_hold", 404);
        if (status === "settled") return refused("hold_already_settled", 409);
        if (status === "released") return refused("hold_released", 409);
        return this.#change(id, verb, body);
      }
      case "debits": {
        const id = this.#id("dbt");
        this.charged.push({ of: id, body });
        return {
          status: 201,
          body: { id, charged: body["credits"] ?? "1", lots: [], balance, at },
        };
      }
      default:
        return { status: 200, body: { id: verb, ...body, at } };
    }
  }

  #change(id: string, verb: "settle" | "release" | "extend", body: Json): OperationResult {
    const balance = { available: "0", held: "0" };
    const at = { seq: this.charged.length, index: 0 };
    if (verb === "extend") {
      const expiresAt = "2030-01-01T00:00:00Z";
      const answer = { id, status: "open", member: "ana", credits: "60", expiresAt, lots: [] };
      return { status: 200, body: { ...answer, balance, at } };
    }
    if (verb === "release") {
      this.holds.set(id, "released");
      return { status: 200, body: { id, status: "released", returned: "10", balance, at } };
    }
    const isFinal = body["final"] !== false;
    if (isFinal) this.holds.set(id, "settled");
    this.charged.push({ of: id, body });
    const status = isFinal ? "settled" : "open";
    return {
      status: 200,
      body: { id, status, charged: body["credits"] ?? "1", returned: "0", lots: [], balance, at },
    };
  }

  #id(prefix: string): string {
    this.#made += 1;
    return `${prefix}_${String(this.#made).padStart(26, "0")}`;
  }
}

function refused(code: ProblemCode, status: number): OperationResult {
  return { status, body: problem(code, status) };
}

/** The key that the server makes for a final settle and a release. */
function defaultKey(path: string, body: unknown): string | undefined {
  const [, hold, verb] = /\/holds\/([^/]+)\/(settle|release)$/.exec(path) ?? [];
  if (hold === undefined || (isJson(body) && body["final"] === false)) return undefined;
  return `${hold}:${verb}`;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The peer has no port.");
  return address.port;
}

/** A peer that listens. */
export async function startPeer(): Promise<Peer> {
  const peer = new Peer();
  await peer.start();
  return peer;
}

/** Waits until it is so, looking often; a test that waits in vain fails by its message. */
export async function until(what: string, isSo: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`In vain waited until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
