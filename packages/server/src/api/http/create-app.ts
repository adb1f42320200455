/**
 * Owns HTTP: sockets to operations and answers to bytes. Every refusal is a problem (RFC 9457), whoever made it.
 *
 * H1 an address that is unknown answers 404, a method that is not taken 405 with `Allow`, both before the key is looked at.
 * H2 the key is looked at before the body is read.
 */
import { colonPath, limits } from "@cistern/contract";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { FeedWatch } from "../../feed/index.ts";
import type { ApiKeys, StoredKey } from "../../identity/index.ts";
import { repeatedKeys } from "../../catalog/index.ts";
import { type Printing, fileOf } from "../answers/file.ts";
import { type Operation, type RawCall, unauthenticated } from "../calls/operation.ts";
import { faultRefusal } from "../problems/fault-problem.ts";
import { refuse } from "../problems/problem.ts";
import { refusalOfError, socketProblem } from "./http-problems.ts";
import { takeArrivals } from "./intake.ts";
import { sendAnswer } from "./send-answer.ts";
import { sendStream, wantsStream } from "./send-stream.ts";
import { sendFile, wantedFormat } from "./send-file.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls, on routes that ask for a key. */
    caller: StoredKey | undefined;
  }
  interface FastifyContextConfig {
    /** The operation of the contract behind a route. */
    operation?: string;
  }
}

/** What HTTP needs besides the operations. */
export interface AppOptions {
  readonly operations: Iterable<Operation>;
  readonly keys: ApiKeys;
  readonly printing: Printing;
  readonly feed: FeedWatch;
  readonly logger: FastifyBaseLogger;
  /** Adds what stands beside the contract's routes; hooks that it adds see those too. */
  readonly beside: (app: FastifyInstance) => Promise<void>;
}

/** A request must have arrived whole in this time, so that a slow sender holds nothing for long. */
const requestMs = 30_000;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Clients of OpenMeter put this path of theirs behind the address that they are given. */
const isOfOpenMeter = (url: string): boolean => /^\/api\/v1\/events(\?|$)/.test(url);

/** The routes of the contract on Fastify; more may be added before it listens. */
export async function createApp({
  operations,
  keys,
  printing,
  feed,
  logger,
  beside,
}: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: !isTold(logger) }),
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestMs,
    // An id that is too long shall be told so by its schema.
    routerOptions: { maxParamLength: 1024 },
    rewriteUrl: ({ url = "/" }) => (isOfOpenMeter(url) ? url.slice("/api".length) : url),
    frameworkErrors: (error, request, reply) => {
      void sendAnswer(
        reply,
        refusalOfError(error, {
          contentType: request.headers["content-type"],
          bodyBytesMax: limits.bodyBytesMax,
        }),
      );
    },
    clientErrorHandler: (error, socket) => socketProblem(error, socket),
  });
  app.decorateRequest("caller", undefined);
  // For routes that are added beside the contract's: those check themselves.
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOfError(error, {
      contentType: request.headers["content-type"],
      bodyBytesMax: request.routeOptions.bodyLimit,
    });
    if (refusal.problem.status >= 500) request.log.error(error);
    // Fastify closes the connection after a body that it could not use; the rest of it is read and dropped all the same.
    reply.removeHeader("connection");
    return sendAnswer(reply, refusal);
  });
  app.setNotFoundHandler((request, reply) =>
    sendAnswer(reply, refuse("not_found", `There is nothing at ${pathOf(request)}.`)),
  );
  readJson(app);
  await beside(app);
  const authenticate = authentication(keys);
  const taken = new Map<string, string[]>();
  for (const operation of operations) {
    const { route } = operation;
    const url = colonPath(route.path);
    taken.set(url, [...(taken.get(url) ?? []), route.method]);
    const add = (instance: FastifyInstance): void => {
      instance.route({
        method: route.method,
        url,
        config: { operation: operation.name },
        schema: { response: successSchemas(operation) },
        bodyLimit: route.bodyBytesMax ?? limits.bodyBytesMax,
        ...(route.scopes.length === 0 ? {} : { onRequest: authenticate }),
        handler: handlerOf(operation, { printing, feed, keys }),
      });
    };
    if (route.mediaTypes === undefined) add(app);
    else await app.register(async (scoped) => takeArrivals(scoped, route.mediaTypes ?? [], add));
  }
  refuseOtherMethods(app, taken);
  return app;
}

/** A line a request is written only where somebody reads it: building it costs as much as a small call. */
function isTold(logger: FastifyBaseLogger): boolean {
  return ["info", "debug", "trace"].includes(logger.level);
}

function handlerOf(
  operation: Operation,
  { printing, feed, keys }: Pick<AppOptions, "printing" | "feed" | "keys">,
) {
  return async (
    request: FastifyRequest<{ Params: Record<string, string> }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { route } = operation;
    const call: RawCall = {
      params: request.params,
      query: request.query,
      body: request.body,
      sentKey: headerOf(request, "idempotency-key"),
      caller: request.caller,
      ...(route.waits === true ? { signal: whenGone(reply) } : {}),
    };
    if (route.isStream === true && wantsStream(request)) {
      const lastSeen = headerOf(request, "last-event-id");
      const secret = bearerOf(request) ?? "";
      const isKnown = async () => (await keys.authenticate(secret)) !== undefined;
      return await sendStream(reply, { operation, call, lastSeen, feed, isKnown });
    }
    const answer = await operation.run(call);
    const format = wantedFormat(route, request);
    if (answer.kind === "refused" || format === undefined) return sendAnswer(reply, answer);
    const file = await fileOf(route, answer.body, { format, ...printing });
    return file.kind === "refused" ? sendAnswer(reply, file) : sendFile(reply, file);
  };
}

/** Aborts when the connection is closed before the answer was sent, and after it. */
function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

/** H2. A key that is known costs no wait. */
function authentication(keys: ApiKeys) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const secret = bearerOf(request);
    const found = secret === undefined ? undefined : keys.authenticate(secret);
    if (found instanceof Promise) {
      found.then(
        (caller) => admit(request, reply, caller, done),
        (fault: unknown) => {
          request.log.error(fault);
          void sendAnswer(reply, faultRefusal(fault));
        },
      );
      return;
    }
    admit(request, reply, found, done);
  };
}

function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  caller: StoredKey | undefined,
  done: () => void,
): void {
  if (caller === undefined) {
    reply.header("www-authenticate", "Bearer");
    void sendAnswer(reply, unauthenticated);
    return;
  }
  request.caller = caller;
  done();
}

const bearerStart = "bearer ";

function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined || header.length > limits.bodyBytesMax) return undefined;
  if (header.slice(0, bearerStart.length).toLowerCase() !== bearerStart) return undefined;
  return header.slice(bearerStart.length).trim();
}

/** JSON is all that is taken. A call without a body has none: whether it may is its schema's to say. */
function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => {
      if (body === "") return done(null, undefined);
      const repeated = isOfCatalog(request) ? repeatedKeys(body) : [];
      if (repeated.length > 0) return done(saysTwice(repeated));
      return void parse(request, body, done);
    },
  );
}

/** Where a price that is written twice would be money. */
const isOfCatalog = (request: FastifyRequest): boolean => pathOf(request).startsWith("/v1/catalog");

const saysTwice = (repeated: ReturnType<typeof repeatedKeys>): Error =>
  Object.assign(new Error("The body says a name twice in one object"), {
    statusCode: 422,
    validation: repeated.map(({ path, message }) => ({ instancePath: path, message })),
  });

/** Success bodies with their schemas, so that each has a serializer of its own. Problems are written by `sendAnswer`. */
function successSchemas({ route }: Operation): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, schema]) => [status, schema]),
  );
}

/** H1. */
function refuseOtherMethods(
  app: FastifyInstance,
  taken: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [url, own] of taken) {
    const allowed = own.includes("GET") ? [...own, "HEAD"] : own;
    app.route({
      method: methods.filter((method) => !allowed.includes(method)),
      url,
      schema: { hide: true },
      // Before the body is read, which nobody wants.
      onRequest: (request, reply) => {
        reply.header("allow", allowed.join(", "));
        const detail = `${pathOf(request)} does not take ${request.method}; it takes ${allowed.join(", ")}.`;
        void sendAnswer(reply, refuse("method_not_allowed", detail));
      },
      handler: (_request, reply) => reply,
    });
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const header = request.headers[name];
  return Array.isArray(header) ? header.join(", ") : header;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? request.url;
}
