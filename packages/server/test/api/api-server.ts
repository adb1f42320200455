import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Server, readSettings, serve } from "../../src/index.ts";
import type { ServeOptions } from "../../src/server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A server on a real port and a real database of its own, for one test file. */
export interface ApiServer {
  readonly server: Server;
  readonly url: string;
  /** The admin key. */
  readonly key: string;
  /** Sends one request; the admin key and a fresh Idempotency-Key go with it unless it says otherwise. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string, options?: CallOptions): Promise<Reply>;
  post(path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
  put(path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
}

/** What a request may say besides method and path. */
export interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  /** null: none is sent. */
  readonly idempotencyKey?: string | null;
  readonly apiKey?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON as it came. */
export type Json = Readonly<Record<string, unknown>>;

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the answer is no JSON. */
  readonly body: Json;
  /** What stands at a place of the body, such as `lots.0.credits`. */
  at(place: string): unknown;
  /** The same, where it must be text. */
  textAt(place: string): string;
  /** The rows of a list in the body; `data` when left out. */
  rows(place?: string): readonly Json[];
}

const adminKey = "cst_admin_of_the_tests";

/** Starts a server; it stops after the file. */
export async function startApi(
  env: Readonly<Record<string, string>> = {},
  options: ServeOptions = {},
): Promise<ApiServer> {
  const database = await freshDatabase();
  // A gateway keeps a journal on its node's disk.
  const folder = "CISTERN_GATEWAY" in env ? (await temporaryFolder()).path : undefined;
  const server = await serve(
    readSettings({
      PORT: "0",
      CISTERN_DATA: folder,
      DATABASE_URL: database.url,
      CISTERN_API_KEY: adminKey,
      CISTERN_LOG: "fatal",
      ...env,
    }),
    options,
  );
  after(() => server.stop());
  return { server, ...callsTo(server.url) };
}

/** Calls to a server that runs at `url`. */
export function callsTo(url: string, key: string = adminKey): Omit<ApiServer, "server"> {
  let made = 0;
  const call = async (method: string, path: string, options: CallOptions = {}) => {
    const { apiKey = key, body, text, headers = {} } = options;
    made += 1;
    const { idempotencyKey = method === "POST" ? `test-${process.pid}-${made}` : null } = options;
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(sent === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    return replyOf(response);
  };
  return {
    url,
    key,
    call,
    get: (path, options) => call("GET", path, options),
    post: (path, body = {}, options = {}) => call("POST", path, { body, ...options }),
    put: (path, body = {}, options = {}) => call("PUT", path, { body, ...options }),
  };
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const body: Json = isJson && text !== "" ? JSON.parse(text) : {};
  const at = (place: string): unknown => valueAt(body, place);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    at,
    textAt: (place) => {
      const value = at(place);
      if (typeof value !== "string") throw new TypeError(`No text at ${place} of ${text}`);
      return value;
    },
    rows: (place = "data") => {
      const rows: Json[] = [];
      const value = at(place);
      if (!Array.isArray(value)) throw new TypeError(`No list at ${place} of ${text}`);
      for (const row of value) rows.push(row);
      return rows;
    },
  };
}

/** What stands at a place of some JSON. */
export function valueAt(value: unknown, place: string): unknown {
  let part = value;
  for (const step of place.split(".")) {
    if (typeof part !== "object" || part === null) return undefined;
    part = Reflect.get(part, step);
  }
  return part;
}

/** A workspace with credits, ready to be spent from. */
export async function workspaceWith(
  api: Pick<ApiServer, "post">,
  id: string,
  credits: string,
  settings: object = {},
): Promise<void> {
  const made = await api.post("/v1/workspaces", { id, ...settings });
  if (made.status !== 201) throw new Error(made.text);
  if (credits === "0") return;
  const granted = await api.post(`/v1/workspaces/${id}/grants`, { credits, source: "purchase" });
  if (granted.status !== 201) throw new Error(granted.text);
}

/** Asks again until the answer is as wanted: for what follows a little later (projections, expiry). */
export async function eventually<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  forMs = 60_000,
): Promise<T> {
  const end = Date.now() + forMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > end) return answer;
    await wait(20);
  }
}
