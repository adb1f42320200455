/**
 * Owns how bodies are read that are no plain JSON: events whose envelope stands in headers, and what comes compressed. What it makes
 * of them is the JSON that the operation takes, so that a batch and a host in process say the same without HTTP.
 */
import { gunzip } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  MalformedMessage,
  decodeTraces,
  encodeStatus,
  encodeTaken,
  isBinary,
  isFields,
  structuredOf,
} from "../../ingest/index.ts";

/** Adds a route whose bodies are of these media types, in a context of its own: no other route takes them. */
export function takeArrivals(
  scoped: FastifyInstance,
  mediaTypes: readonly string[],
  add: (scoped: FastifyInstance) => void,
): void {
  const isOfTraces = mediaTypes.includes(protobufType);
  scoped.removeAllContentTypeParsers();
  scoped.addContentTypeParser<Buffer>(
    [...mediaTypes],
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) =>
      read(request, await inflated(request, bytes), isOfTraces),
  );
  if (isOfTraces) answerInKind(scoped);
  add(scoped);
}

const protobufType = "application/x-protobuf";

const isProtobuf = ({ headers }: FastifyRequest): boolean =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === protobufType;

/** Whoever sent protobuf reads nothing else: a problem is a Status to it. */
function answerInKind(scoped: FastifyInstance): void {
  scoped.addHook("onSend", async (request, reply, payload: unknown) => {
    if (!isProtobuf(request) || typeof payload !== "string") return payload;
    const said: unknown = JSON.parse(payload);
    const answer = typeof said === "object" && said !== null ? said : {};
    const bytes =
      reply.statusCode < 400
        ? encodeTaken(answer)
        : encodeStatus(String(Reflect.get(answer, "detail")));
    reply.header("content-type", protobufType).header("content-length", bytes.length);
    return Buffer.from(bytes);
  });
}

function read(request: FastifyRequest, bytes: Buffer, isOfTraces: boolean): unknown {
  if (isProtobuf(request)) return readProtobuf(bytes);
  const body = bytes.length === 0 ? undefined : parseJson(bytes);
  if (isOfTraces && !isFields(body))
    throw unread(
      'the body is no ExportTraceServiceRequest of OTLP: send one object a call, such as {"resourceSpans":[]}',
      undefined,
    );
  return isBinary(request.headers) ? structuredOf(request.headers, body) : body;
}

function readProtobuf(bytes: Buffer): unknown {
  try {
    return decodeTraces(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) throw unread(error.message, error);
    throw error;
  }
}

/** JSON, or a fault that is told as `malformed`. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw unread("the body is not well-formed JSON", error);
    throw error;
  }
}

/** The bound of a body holds for what it unfolds to as well. */
async function inflated(request: FastifyRequest, bytes: Buffer): Promise<Buffer> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return bytes;
  const maxOutputLength = request.routeOptions.bodyLimit;
  if (encoding !== "gzip")
    throw fault(415, `Content-Encoding ${encoding} is not taken: send gzip, or none`);
  const done = Promise.withResolvers<Buffer>();
  gunzip(bytes, { maxOutputLength }, (error, result) => {
    if (error === null) done.resolve(result);
    else if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
      done.reject(
        fault(
          413,
          `A body may have ${maxOutputLength} bytes when it is unfolded. Send less at once.`,
        ),
      );
    else done.reject(unread("the body is no gzip that can be read", error));
  });
  return await done.promise;
}

/** What nobody can read. */
const unread = (message: string, cause: unknown): Error => fault(400, message, cause);

const fault = (statusCode: number, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { statusCode });
