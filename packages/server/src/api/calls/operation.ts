/**
 * Owns the way of every call from its request to its answer, whoever brings it: HTTP, a batch, or the host's own process.
 *
 * O1 checks come in the order of the contract's problem table: scope, schemas, key, the key's own workspace. O2 what is thrown
 * on the way becomes an answer here, and is reported once.
 */
import { FormatFault, type OperationName, type Route, routes } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import { faultRefusal } from "../problems/fault-problem.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { type Refusal, invalid, refuse, unknownWorkspace } from "../problems/problem.ts";
import type { Call, Done, Handler, Handlers, HandlersOf } from "./call.ts";
import { type Check, compileCheck, readQuery } from "./check.ts";
import { findKey } from "./idempotency.ts";

/** A request as it came. */
export interface RawCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly sentKey: string | undefined;
  /** Where the call stands for something that arrived: what that is told by. Left out: by the call itself. */
  readonly fingerprint?: string | undefined;
  readonly caller: StoredKey | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of a call, on any route. */
export type Answer =
  | (Omit<Done<Route>, "body" | "status"> & { readonly status: number; readonly body: unknown })
  | Refusal;

/** A route with its handler, ready to be called. */
export interface Operation {
  readonly name: OperationName;
  readonly route: Route;
  run(raw: RawCall): Promise<Answer>;
}

/** Told of every fault that became an answer. */
export type ReportFault = (fault: unknown, operation: OperationName) => void;

/** Binds every route of the contract to its handler. */
export function bindOperations(
  handlers: Handlers,
  report: ReportFault,
): ReadonlyMap<OperationName, Operation> {
  const names = Object.keys(routes).filter(isOperationName);
  return new Map(names.map((name) => [name, bind(name, handlers, report)]));
}

function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(routes, text);
}

function bind<Name extends OperationName>(
  name: Name,
  handlers: HandlersOf<Name>,
  report: ReportFault,
): Operation {
  type Bound = Call<(typeof routes)[Name]>;
  const route: Route = routes[name];
  const handle: Handler<(typeof routes)[Name]> = handlers[name];
  const params = compileCheck<Bound["params"]>(route.params);
  const query = compileCheck<Bound["query"]>(route.query);
  const body = compileCheck<Bound["body"]>(route.body);

  const check = (raw: RawCall): Bound | Refusal => {
    const lacking = scopeRefusal(route, raw.caller);
    if (lacking !== undefined) return lacking;
    if (!params.is(raw.params)) return misfit(params, raw.params, "/path");
    const sentQuery = readQuery(route.query, raw.query);
    if (!query.is(sentQuery)) return misfit(query, sentQuery, "/query");
    const sentBody = raw.body ?? bodyWhenNone(route, body);
    if (!body.is(sentBody)) return misfit(body, sentBody, "");
    const found = findKey(route, { params: raw.params, body: sentBody, sentKey: raw.sentKey });
    if (found.kind === "missing") return missingKey(route);
    if (found.kind === "malformed") return malformedKey;
    const bound = raw.caller?.workspace;
    const { workspace } = raw.params;
    if (bound !== undefined && workspace !== undefined && workspace !== bound)
      return unknownWorkspace(workspace);
    return {
      params: raw.params,
      query: sentQuery,
      body: sentBody,
      key:
        raw.fingerprint === undefined ? found.key : { ...found.key, fingerprint: raw.fingerprint },
      caller: raw.caller,
      signal: raw.signal,
    };
  };
  return {
    name,
    route,
    async run(raw) {
      try {
        const call = check(raw);
        return "kind" in call ? call : await handle(call);
      } catch (fault) {
        if (fault instanceof InvalidField)
          return invalid([{ pointer: fault.pointer, detail: fault.message }]);
        if (fault instanceof FormatFault) return invalid([{ pointer: "", detail: fault.message }]);
        report(fault, name);
        return faultRefusal(fault);
      }
    },
  };
}

/** A body that may be empty may be left out. */
function bodyWhenNone<T>(route: Route, check: Check<T>): unknown {
  const empty = {};
  return route.body !== undefined && check.is(empty) ? empty : undefined;
}

function misfit<T>(check: Check<T>, value: unknown, where: string): Refusal {
  const found = check.violations(value);
  return invalid(found.map(({ pointer, detail }) => ({ pointer: where + pointer, detail })));
}

function scopeRefusal(route: Route, caller: StoredKey | undefined): Refusal | undefined {
  if (route.scopes.length === 0) return undefined;
  if (caller === undefined) return unauthenticated;
  if (caller.scopes.has("admin") || route.scopes.some((scope) => caller.scopes.has(scope)))
    return undefined;
  const [first, ...others] = route.scopes;
  return refuse(
    "forbidden",
    `The key ${caller.prefix}… has the scopes ${[...caller.scopes].join(", ")}; this needs ${[first, ...others].join(" or ")}. Use another key.`,
  );
}

/** The call carries no key that opens anything. */
export const unauthenticated: Refusal = refuse(
  "unauthenticated",
  "The call carries no valid API key. Send Authorization: Bearer <key>.",
);

const malformedKey: Refusal = invalid([
  {
    pointer: "/headers/idempotency-key",
    detail: "must be 1 to 255 printable ASCII characters, without a space at either end",
  },
]);

function missingKey(route: Route): Refusal {
  const hint =
    route.idempotency.kind === "defaulted"
      ? ' or a "part" (1, 2, …) that tells increments apart'
      : "";
  return refuse(
    "idempotency_key_missing",
    `${route.summary} needs an Idempotency-Key${hint}: with it a retry gets the first answer. Send any text that is new for each call.`,
  );
}
