import type { Route, routes } from "@cistern/contract";
import type { OperationName } from "@cistern/contract";
import type { Static, TSchema } from "typebox";
import type { StoredKey } from "../../identity/index.ts";
import type { RateLimitHeaders, Refusal } from "../problems/problem.ts";
import type { RequestKey } from "./idempotency.ts";

/** TypeBox's arrays and fields can be written; a request and an answer cannot. */
type Fixed<T> = T extends readonly (infer Element)[]
  ? readonly Fixed<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: Fixed<T[Key]> }
    : T;
type Checked<Part> = Part extends TSchema ? Fixed<Static<Part>> : undefined;
type PartOf<R, Name extends string> = R extends { readonly [key in Name]: infer Part }
  ? Checked<Part>
  : undefined;

/** What of a request its schemas have checked. */
export interface Call<R extends Route> {
  readonly params: PartOf<R, "params">;
  readonly query: PartOf<R, "query">;
  readonly body: PartOf<R, "body">;
  readonly key: RequestKey;
  /** Who calls; undefined only on routes that ask for no key. */
  readonly caller: StoredKey | undefined;
  /** Aborts when nobody waits for the answer any more; only on routes that wait. */
  readonly signal: AbortSignal | undefined;
}

/** What a call came to. The body fits the route's schema for its status. */
export interface Done<R extends Route> {
  readonly kind: "done";
  readonly status: keyof R["responses"] & number;
  readonly body: Checked<R["responses"][keyof R["responses"] & number]>;
  readonly isReplayed?: boolean;
  readonly rateLimit?: RateLimitHeaders | undefined;
}

/** An answer, or why there is none. */
export type Outcome<R extends Route> = Done<R> | Refusal;

/** Answers the calls of one route. */
export type Handler<R extends Route> = (call: Call<R>) => Outcome<R> | Promise<Outcome<R>>;

/** A handler for every route of the contract: a new row does not compile without one. */
export type Handlers = {
  readonly [Name in OperationName]: Handler<(typeof routes)[Name]>;
};

/** Some of the handlers. */
export type HandlersOf<Name extends OperationName> = Pick<Handlers, Name>;

/** A problem code that a route may name. */
