/** Owns the way from a method and a path to an operation, for calls that come without HTTP: batches and the host's own process. */
import type { Operation as OperationCall } from "@cistern/contract";
import type { StoredKey } from "../identity/index.ts";
import type { Answer, Operation } from "./calls/operation.ts";
import { type Refusal, refuse } from "./problems/problem.ts";

/** One call by method and path. */
export interface PathCall {
  readonly method: OperationCall["method"] | "GET";
  /** With its query, where it has one. */
  readonly path: string;
  readonly idempotencyKey?: string | undefined;
  readonly body?: unknown;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** See `RawCall`. */
  readonly fingerprint?: string | undefined;
}

/** Finds the operation of a call and runs it. Never rejects: faults are answers. */
export type Dispatch = (call: PathCall, caller: StoredKey | undefined) => Promise<Answer>;

interface Pattern {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

/** An operation with what the path says of its call. */
export interface Found {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[]>>;
}

/** Finds an operation by method and path, or says that there is none. */
export type Find = (call: Pick<PathCall, "method" | "path">) => Found | Refusal;

/** Dispatches to what is found. */
export function createDispatch(find: Find): Dispatch {
  return async (call, caller) => {
    const found = find(call);
    if ("kind" in found) return found;
    const { operation, params, query } = found;
    const { body, idempotencyKey: sentKey, fingerprint, signal } = call;
    return operation.run({ params, query, body, sentKey, fingerprint, caller, signal });
  };
}

/** Finds these operations. */
export function createFind(operations: Iterable<Operation>): Find {
  const patterns = new Map<number, Pattern[]>();
  for (const operation of operations) {
    const segments = operation.route.path.split("/");
    const sameLength = patterns.get(segments.length) ?? [];
    sameLength.push({ operation, segments });
    patterns.set(segments.length, sameLength);
  }
  return ({ method, path }) => {
    const [pathname = "", search = ""] = splitOnce(path, "?");
    const segments = pathname.split("/");
    const there = (patterns.get(segments.length) ?? []).filter((one) => fits(one, segments));
    const found = there.find((one) => one.operation.route.method === method);
    if (found === undefined) return notThere(method, pathname, there);
    const params = paramsOf(found, segments);
    if (params === undefined)
      return refuse("not_found", "The address cannot be read: check its percent-encoding.");
    return { operation: found.operation, params, query: queryOf(search) };
  };
}

function splitOnce(text: string, mark: string): readonly string[] {
  const place = text.indexOf(mark);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

function fits({ segments }: Pattern, sent: readonly string[]): boolean {
  return segments.every((segment, index) =>
    segment.startsWith("{") ? sent[index] !== "" : segment === sent[index],
  );
}

/** Undefined where a segment is not well percent-encoded. */
function paramsOf(
  { segments }: Pattern,
  sent: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith("{")) continue;
    try {
      params[segment.slice(1, -1)] = decodeURIComponent(sent[index] ?? "");
    } catch (error) {
      if (error instanceof URIError) return undefined;
      throw error;
    }
  }
  return params;
}

function queryOf(search: string): Record<string, string | string[]> {
  if (search === "") return {};
  const query: Record<string, string | string[]> = {};
  const sent = new URLSearchParams(search);
  for (const name of new Set(sent.keys())) {
    const values = sent.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return query;
}

function notThere(method: string, path: string, there: readonly Pattern[]): Refusal {
  if (there.length === 0) return refuse("not_found", `There is nothing at ${path}.`);
  const allowed = there.map((one) => one.operation.route.method).join(", ");
  return refuse("method_not_allowed", `${path} does not take ${method}; it takes ${allowed}.`);
}
