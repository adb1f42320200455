// Owns: how a refusal looks to an SDK that only knows its provider: as the provider's own kind of error, that it does not retry.
import { CisternProblem, CisternUnavailable } from "../errors.ts";
import { UnknownScope } from "../metering/scope.ts";

/**
 * The answer to a call that may not be made, in the form of the OpenAI, Anthropic and Google APIs: each SDK reads its part. `x-should-retry`
 * keeps the SDKs from asking again at once; `error.problem` is Cistern's own word. Undefined: the error is no refusal.
 */
export function denialOf(error: unknown): Response | undefined {
  if (error instanceof CisternProblem)
    return denial({
      status: error.status,
      code: error.code,
      message: error.message,
      problem: error.problem,
      retryAfterMs: error.retryAfterMs,
    });
  if (error instanceof CisternUnavailable)
    return denial({
      status: 503,
      code: "enforcement_unavailable",
      message: error.message,
      problem: error.problem,
      retryAfterMs: undefined,
    });
  // Thrown through an SDK it would be a "connection error", and tried again.
  if (error instanceof UnknownScope)
    return denial({
      status: 500,
      code: "unknown_scope",
      message: error.message,
      problem: undefined,
      retryAfterMs: undefined,
    });
  return undefined;
}

interface Denied {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly problem: object | undefined;
  readonly retryAfterMs: number | undefined;
}

function denial({ status, code, message, problem, retryAfterMs }: Denied): Response {
  const error = {
    type: "cistern_refusal",
    code,
    message,
    ...(problem === undefined ? {} : { problem }),
  };
  return new Response(JSON.stringify({ type: "error", error }), {
    status,
    headers: {
      "content-type": "application/json",
      "x-should-retry": "false",
      ...(retryAfterMs === undefined
        ? {}
        : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    },
  });
}
