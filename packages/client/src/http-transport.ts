import type { OperationResult } from "@cistern/contract";
import { serverBounds } from "./bounds.ts";
import type { Parcel } from "./coalescer.ts";
import { Coalescer } from "./coalescer.ts";
import type { Download } from "./download.ts";
import type { Environment, FetchResponse } from "./environment.ts";
import { linkAbort } from "./linked-abort.ts";
import type { Transport } from "./transport.ts";
import { TransportFault } from "./transport.ts";

/** Where the server is, and the bounds of the requests to it. */
export interface HttpTransportOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly requestTimeoutMs: number;
  readonly requestsInFlightMax: number;
  readonly queueMax: number;
}

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** A file is asked for; a problem may be answered all the same. */
  readonly isFile?: boolean;
  /** The server was asked to wait with its answer. */
  readonly waitMs?: number | undefined;
}

/** The way to a server over HTTP. Operations of one moment share a `POST /v1/batch`; a lone one is a plain request. */
export function httpTransport(options: HttpTransportOptions, environment: Environment): Transport {
  const request = requester(options, environment);
  const sendParcels = async (parcels: readonly Parcel[], signal: AbortSignal) => {
    const [only] = parcels;
    if (parcels.length === 1 && only !== undefined) {
      const { method, path, body, idempotencyKey } = only.operation;
      const text = body === undefined ? undefined : JSON.stringify(body);
      return [await request({ method, path, body: text, idempotencyKey }, signal)];
    }
    const body = `{"operations":[${parcels.map((parcel) => parcel.json).join(",")}]}`;
    const answer = await request({ method: "POST", path: "/v1/batch", body }, signal);
    if (answer.status === 200) return resultsOf(answer.body);
    // What refuses the batch as a whole (its key, an outage) is the answer to each of its operations.
    return parcels.map(() => answer);
  };
  const coalescer = new Coalescer(sendParcels, { ...options, ...serverBounds });
  return {
    send: async (operation, signal) => await coalescer.submit(operation, signal),
    read: async (path, signal, waitMs) => await request({ method: "GET", path, waitMs }, signal),
    download: async (path, signal) => await request({ method: "GET", path, isFile: true }, signal),
  };
}

function requester(options: HttpTransportOptions, environment: Environment) {
  const base = options.url.replace(/\/+$/, "");
  return async (
    { method, path, body, idempotencyKey, isFile = false, waitMs = 0 }: HttpRequest,
    signal: AbortSignal,
  ): Promise<OperationResult> => {
    const headers: Record<string, string> = {
      accept: isFile ? "*/*" : "application/json, application/problem+json",
      authorization: `Bearer ${options.apiKey}`,
    };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    const timeoutMs = options.requestTimeoutMs + waitMs;
    const link = linkAbort([signal]);
    let isTimedOut = false;
    const onTimeout = () => {
      isTimedOut = true;
      link.abort(new TransportFault("timeout", "The request took too long."));
    };
    const cancelTimer = environment.setTimer(timeoutMs, onTimeout, false);
    try {
      const response = await environment.fetch(base + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: link.signal,
      });
      const { status, headers: told } = response;
      if (!isFile || status !== 200)
        return resultOf(status, told, parseBody(await response.text()));
      return resultOf(status, told, fileOf(told, new Uint8Array(await response.arrayBuffer())));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isTimedOut) {
        const message = `${method} ${base}${path} had no answer in ${timeoutMs} ms.`;
        throw new TransportFault("timeout", message, error);
      }
      if (error instanceof TransportFault) throw error;
      throw new TransportFault("unreachable", `${base} cannot be reached.`, error);
    } finally {
      cancelTimer();
      link.unlink();
    }
  };
}

function fileOf(headers: FetchResponse["headers"], bytes: Uint8Array): Download {
  const contentType = headers.get("content-type") ?? "";
  if (!/^(?:text\/csv|application\/pdf)\b/.test(contentType))
    throw new TransportFault("unexpected_answer", `A file was asked for; ${contentType} came.`);
  const fileName = /filename="([^"]+)"/.exec(headers.get("content-disposition") ?? "")?.[1];
  return {
    bytes,
    contentType,
    ...(fileName === undefined ? {} : { fileName }),
  };
}

function resultOf(
  status: number,
  headers: FetchResponse["headers"],
  body: unknown,
): OperationResult {
  const retryAfter = headers.get("retry-after");
  return {
    status,
    body,
    ...(headers.get("idempotency-replayed") === "true" ? { replayed: true } : {}),
    // Cistern gives seconds. A proxy's date would need the clock; the backoff serves as well.
    ...(retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
      ? { retryAfter: Number(retryAfter) }
      : {}),
  };
}

/** What is not JSON is handed on as text: only the reader of the status knows whether it matters. */
function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    return text;
  }
}

function resultsOf(body: unknown): readonly OperationResult[] {
  if (typeof body === "object" && body !== null && "results" in body && isResults(body.results))
    return body.results;
  throw new TransportFault("unexpected_answer", "The answer to a batch holds no results.");
}

function isResults(value: unknown): value is readonly OperationResult[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item: unknown) =>
        typeof item === "object" &&
        item !== null &&
        "status" in item &&
        typeof item.status === "number",
    )
  );
}
