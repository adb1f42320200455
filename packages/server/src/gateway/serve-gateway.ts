/** Owns the gateway on HTTP: `/gateway/{provider}/…`, with the key where each provider's SDK puts it. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Gateway, type GatewayAnswer, errorAnswer } from "./gateway.ts";
import { type ReaderPatience, watchReader } from "./still-reader.ts";
import { answerHeaders, isSmall } from "./upstream-fetch.ts";

/** What a key opens. */
export interface GatewayKey {
  readonly prefix: string;
  readonly scopes: ReadonlySet<string>;
  readonly workspace: string | undefined;
  readonly member: string | undefined;
}

/** Finds the key behind a secret. */
export type Authenticate = (
  secret: string,
) => GatewayKey | undefined | Promise<GatewayKey | undefined>;

/** Prompts hold images and sound. */
const bodyBytesMax = 64 * 1024 * 1024;

/** Adds the gateway's routes. */
export async function serveGateway(
  app: FastifyInstance,
  options: {
    readonly gateway: Gateway;
    readonly authenticate: Authenticate;
    readonly reader: ReaderPatience;
  },
): Promise<void> {
  const { gateway, authenticate, reader } = options;
  await app.register(async (inner) => {
    const callers = new WeakMap<FastifyRequest, GatewayKey>();
    inner.removeAllContentTypeParsers();
    // What passes is the caller's: it is read as bytes, and parsed only to be metered.
    inner.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: bodyBytesMax },
      (_r, body, done) => done(null, body),
    );
    inner.route({
      method: ["GET", "POST", "PUT", "PATCH", "DELETE"],
      url: "/gateway/:provider/*",
      schema: { hide: true },
      bodyLimit: bodyBytesMax,
      // Before the body is read, which only those may send who have a key.
      onRequest: async (request, reply) => {
        const secret = secretOf(request);
        const key = secret === undefined ? undefined : await authenticate(secret);
        if (key === undefined) return await send(reply, refused(noKey()));
        if (!["admin", "usage:write", "gateway:use"].some((scope) => key.scopes.has(scope)))
          return await send(reply, refused(noScope(key.prefix)));
        callers.set(request, key);
        return undefined;
      },
      handler: async (request, reply) => {
        const key = callers.get(request);
        const target = targetOf(request.url);
        if (key === undefined || target === undefined)
          return await send(reply, refused(noTarget()));
        const left = new AbortController();
        reply.raw.once("close", () => {
          if (!reply.raw.writableFinished) left.abort(new CallerLeft("The caller hung up."));
        });
        watchReader(reply.raw, reader);
        const { provider, path } = target;
        const answer = await gateway.call({
          caller: key,
          provider,
          method: request.method,
          path,
          headers: request.headers,
          body: Buffer.isBuffer(request.body) ? request.body : undefined,
          signal: left.signal,
        });
        return await send(reply, answer);
      },
    });
    await Promise.resolve();
  });
}

/** G4. As it was sent, not as it was routed: a target with a host of its own would lead there. */
function targetOf(url: string): { readonly provider: string; readonly path: string } | undefined {
  const found = /^\/gateway\/([a-z0-9-]+)(\/[^#]*)$/.exec(url);
  const [, provider, path] = found ?? [];
  return provider === undefined || path === undefined ? undefined : { provider, path };
}

const noTarget = (): Response =>
  errorAnswer(400, "invalid_request", "The address must be a path such as /gateway/openai/v1/….");

/** The caller's own end of a call. */
class CallerLeft extends Error {
  override readonly name = "CallerLeft";
}

const refused = (response: Response): GatewayAnswer => ({ response, release: () => {} });

const noKey = (): Response =>
  errorAnswer(401, "unauthenticated", "The call carries no valid key of Cistern.");

const noScope = (prefix: string): Response =>
  errorAnswer(
    403,
    "forbidden",
    `The key ${prefix}… may not use the gateway: it needs the scope gateway:use.`,
  );

/** Where the SDKs of the providers put their key. */
function secretOf({ headers, query }: FastifyRequest): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return /^bearer\s+(\S+)$/i.exec(authorization)?.[1];
  for (const name of ["x-api-key", "x-goog-api-key", "api-key"]) {
    const value = headers[name];
    if (typeof value === "string" && value !== "") return value;
  }
  const inQuery =
    typeof query === "object" && query !== null && "key" in query ? query.key : undefined;
  return typeof inQuery === "string" ? inQuery : undefined;
}

async function send(
  reply: FastifyReply,
  { response, release }: GatewayAnswer,
): Promise<FastifyReply> {
  if (reply.raw.destroyed) {
    // Who hung up while the provider thought is sent nothing.
    release();
    await response.body?.cancel();
    return reply.hijack();
  }
  reply.raw.once("close", release);
  const head = answerHeaders(response.headers);
  const { status, body } = response;
  if (body === null) return await reply.code(status).headers(head).send();
  if (!isSmall(response.headers))
    return await reply.code(status).headers(head).send(Readable.fromWeb(body));
  const bytes = await bytesOf(response);
  return bytes === undefined
    ? await send(reply, refused(cutOff()))
    : await reply.code(status).headers(head).send(bytes);
}

async function bytesOf(response: Response): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch {
    // The call has its end; the caller is told.
    return undefined;
  }
}

const cutOff = (): Response =>
  errorAnswer(502, "upstream_cut_off", "The provider's answer was cut off.");
