/** Owns what is told when HTTP itself goes wrong, before or beside an operation. */
import type { Socket } from "node:net";
import type { FastifyError } from "fastify";
import { faultRefusal } from "../problems/fault-problem.ts";
import { type Refusal, invalid, refuse } from "../problems/problem.ts";

/** What an error says too little of. */
interface RefusedRequest {
  readonly contentType: string | undefined;
  /** Of its route. */
  readonly bodyBytesMax: number;
}

/** The refusal for an error of Fastify, or of code that stands beside the operations. */
export function refusalOfError(error: unknown, request: RefusedRequest): Refusal {
  const { code, statusCode, validation, message } = errorParts(error);
  if (validation !== undefined)
    return invalid(
      validation.map((one) => ({
        pointer: one.instancePath,
        detail: one.message ?? "does not fit",
      })),
    );
  const known = refusalOfCode(code, request);
  if (known !== undefined) return known;
  if (statusCode === 413) return refuse("too_large", message);
  if (statusCode === 415) return refuse("unsupported_media_type", message);
  if (statusCode >= 400 && statusCode < 500)
    return refuse("malformed", `The request cannot be read: ${message}.`);
  return faultRefusal(error);
}

function refusalOfCode(
  code: string,
  { contentType, bodyBytesMax }: RefusedRequest,
): Refusal | undefined {
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return refuse(
      "too_large",
      `A body may have ${bodyBytesMax} bytes. Send less at once, such as a batch in parts.`,
    );
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE" || code === "FST_ERR_CTP_EMPTY_TYPE")
    return refuse(
      "unsupported_media_type",
      `The body is ${contentType ?? "of no type"}. Send JSON with Content-Type: application/json.`,
    );
  if (code === "FST_ERR_BAD_URL" || code === "FST_ERR_MAX_PARAM_LENGTH")
    return refuse(
      "not_found",
      "The address cannot be read: check its percent-encoding and length.",
    );
  return undefined;
}

type ErrorParts = Pick<FastifyError, "code" | "message"> & {
  readonly statusCode: number;
  readonly validation: FastifyError["validation"];
};

function errorParts(error: unknown): ErrorParts {
  if (!isFastifyError(error))
    return { code: "", message: "", statusCode: 500, validation: undefined };
  const { code, message, statusCode = 500, validation } = error;
  return { code, message, statusCode, validation };
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error;
}

/** Answers bytes that are no HTTP request, as far as the socket still takes an answer. */
export function socketProblem(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const refusal =
    error.code === "HPE_HEADER_OVERFLOW"
      ? refuse("too_large", "The headers of the request are too large.")
      : refuse("malformed", "The bytes are no HTTP request that can be read.");
  const body = JSON.stringify(refusal.problem);
  const { status, title } = refusal.problem;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
