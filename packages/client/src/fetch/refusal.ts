// Owns: Cistern's own word found again in an error that an SDK threw.
import type { Problem } from "@cistern/contract";
import { isProblem } from "../caller.ts";
import { CisternProblem, CisternUnavailable } from "../errors.ts";
import { isJson, objectAt, parsed } from "../providers/json.ts";

/** An SDK wraps an error in some more. */
const wrappersMax = 8;

/**
 * Why Cistern refused a call, from whatever error the SDK made of it: `APIError` of `openai` and `@anthropic-ai/sdk`, `ApiError` of
 * `@google/genai`, or one that wraps these. Undefined: Cistern did not refuse it, or could not be asked (`code` is `enforcement_unavailable` then).
 *
 * @example
 * catch (error) {
 *   const refusal = refusalOf(error);
 *   if (refusal === undefined) throw error;
 *   return Response.json({ code: refusal.code, missing: refusal.missing }, { status: refusal.status });
 * }
 */
export function refusalOf(error: unknown): Problem | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < wrappersMax && at !== undefined; depth += 1) {
    const found = problemIn(at);
    if (found !== undefined) return found;
    at = at instanceof Error ? at.cause : undefined;
  }
  return undefined;
}

function problemIn(error: unknown): Problem | undefined {
  if (error instanceof CisternProblem || error instanceof CisternUnavailable) return error.problem;
  if (!(error instanceof Error)) return undefined;
  const body = "error" in error ? error.error : parsed(jsonIn(error.message));
  for (const said of [body, objectAt(body, "error")])
    if (isJson(said) && isProblem(said["problem"])) return said["problem"];
  return undefined;
}

/** Google's SDK keeps the body of an answer in the message alone. */
const jsonIn = (message: string): string => message.slice(message.indexOf("{"));
