/**
 * Owns one call through the gateway: who makes it, whether it is metered, and how it comes back.
 *
 * G1 whose call it is, is the key's to say; a request may say only what the key leaves open. G2 what is not metered does not pass. G3 a call is
 * ended as the collectors end it, by the same code. G4 the vendor's key goes to its upstream alone: no path leads elsewhere, and no redirect is
 * followed or handed on.
 */
import { type FetchLike, meteredFetch } from "@cistern/client/fetch";
import type { CallScope, Collector } from "@cistern/client/metering";
import { type PermitBounds, Permits } from "./permits.ts";
import { type After, type Patience, patientFetch, upstreamHeaders } from "./upstream-fetch.ts";
import type { Upstream } from "../host/index.ts";

/** What the gateway stands on. */
export interface GatewayOptions {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Meters on this node; its scope is that of nobody. */
  readonly collector: Collector;
  readonly permits: PermitBounds;
  readonly patience: Patience;
  readonly after: After;
}

/** Whom a key opens the gateway to. */
export interface GatewayCaller {
  readonly workspace: string | undefined;
  readonly member: string | undefined;
}

/** A request as it came. */
export interface GatewayRequest {
  readonly caller: GatewayCaller;
  readonly provider: string;
  readonly method: string;
  /** After the provider's name, with its query: `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** What comes back. */
export interface GatewayAnswer {
  readonly response: Response;
  /** To be called when the last byte has left, or the caller. */
  readonly release: () => void;
}

/** A gateway to providers. */
export interface Gateway {
  /** Carries a call to its provider. Never rejects: what fails is an answer of the provider's kind. */
  call(request: GatewayRequest): Promise<GatewayAnswer>;
  /** Calls under way. */
  readonly underWay: number;
}

/** What passes unmetered, whole: lists of models, counts of tokens, moderations. */
const freeReads = /^\/(v1|v1beta|openai\/v1)\/models(\/[A-Za-z0-9._-]+)?$/;
const freePosts =
  /^\/(v1\/messages\/count_tokens|v1\/moderations|(v1|v1beta)\/models\/[A-Za-z0-9._-]+:countTokens)$/;
/** Nothing that two readers could take for two paths: no escapes, no dots as a step, no other separators. */
const plainPath = /^(\/[A-Za-z0-9._~:@-]+)+$/;

/** See the file head. */
export function createGateway(options: GatewayOptions): Gateway {
  const permits = new Permits(options.permits);
  const send = patientFetch(options.patience, options.after);
  return {
    get underWay() {
      return permits.taken;
    },
    async call(request) {
      const upstream = options.upstreams.get(request.provider);
      if (upstream === undefined) return done(unknownProvider(request, options.upstreams));
      const scope = scopeOf(request);
      if ("response" in scope) return done(scope.response);
      const url = urlAt(upstream, request.path);
      if (url === undefined)
        return done(
          errorAnswer(400, "invalid_request", "The path has more in it than names and slashes."),
        );
      const [path = ""] = request.path.split("?", 1);
      const isFree = (request.method === "POST" ? freePosts : freeReads).test(path);
      if (request.method !== "POST" && !(request.method === "GET" && isFree))
        return done(
          errorAnswer(
            403,
            "route_not_metered",
            `${request.method} ${path} is not metered, and does not pass.`,
          ),
        );
      const release = permits.take(scope.workspace);
      if (release === undefined)
        return done(
          errorAnswer(
            503,
            "overloaded",
            "Too many calls are under way through this node. Retry in a second.",
            {
              "retry-after": "1",
            },
          ),
        );
      try {
        const response = await carry(options.collector.with(scope), send, {
          request,
          upstream,
          url,
          isFree,
        });
        if (response.status < 300 || response.status >= 400) return { response, release };
        release();
        await response.body?.cancel();
        return done(
          errorAnswer(502, "upstream_redirect", "The provider answered with a redirect."),
        );
      } catch (error) {
        release();
        return done(failed(error));
      }
    },
  };
}

/** G4. Where a call goes: below the URL of its upstream, and nowhere else. */
function urlAt(upstream: Upstream, path: string): URL | undefined {
  const [before = ""] = path.split("?", 1);
  const steps = before.split("/").slice(1);
  if (!plainPath.test(before) || steps.some((step) => /^\.+$/.test(step))) return undefined;
  const base = new URL(upstream.url);
  const url = new URL(upstream.url + path);
  const root = base.pathname.replace(/\/+$/, "");
  const isBelow = url.origin === base.origin && url.pathname === root + before;
  return isBelow && url.username === base.username ? url : undefined;
}

interface Carried {
  readonly request: GatewayRequest;
  readonly upstream: Upstream;
  readonly url: URL;
  readonly isFree: boolean;
}

async function carry(
  collector: Collector,
  send: FetchLike,
  { request, upstream, url, isFree }: Carried,
): Promise<Response> {
  // A key that Google's clients put into the query is the caller's, for us.
  url.searchParams.delete("key");
  const carryOn = isFree ? send : meteredFetch(collector, { fetch: send, free: [] });
  return await carryOn(url, {
    method: request.method,
    headers: upstreamHeaders(request.headers, upstream),
    signal: request.signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** G1. */
function scopeOf({ caller, headers }: GatewayRequest): CallScope | { readonly response: Response } {
  const said = (name: string): string | undefined => {
    const value = headers[`x-cistern-${name}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const workspace = caller.workspace ?? said("workspace");
  const member = caller.member ?? said("member");
  const [run, project] = [said("run"), said("project")];
  if (workspace === undefined || member === undefined)
    return {
      response: errorAnswer(
        400,
        "invalid_request",
        `The key says no ${workspace === undefined ? "workspace" : "member"}. Use a key that is bound to one, or send x-cistern-${workspace === undefined ? "workspace" : "member"}.`,
      ),
    };
  return {
    workspace,
    member,
    ...(run === undefined ? {} : { run }),
    ...(project === undefined ? {} : { project }),
  };
}

const done = (response: Response): GatewayAnswer => ({ response, release: () => {} });

function unknownProvider(
  { provider }: GatewayRequest,
  upstreams: ReadonlyMap<string, Upstream>,
): Response {
  const known = [...upstreams.keys()].join(", ");
  const message = `There is no provider ${JSON.stringify(provider)}. ${known === "" ? "None is set: see CISTERN_GATEWAY." : `Known are ${known}.`}`;
  return errorAnswer(404, "not_found", message);
}

/** The provider was asked, and did not answer. */
function failed(error: unknown): Response {
  const isLate = error instanceof Error && error.name === "UpstreamTimeout";
  const message = isLate ? error.message : "The provider cannot be reached.";
  return errorAnswer(
    isLate ? 504 : 502,
    isLate ? "upstream_timeout" : "upstream_unreachable",
    message,
  );
}

/** An error as the SDKs of the providers read one. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(
    { type: "error", error: { type: "cistern_refusal", code, message } },
    { status, headers },
  );
}
