import { isJson } from "../providers/json.ts";

/**
 * Whether the provider answered with success, and the SDK could not read it: the provider is paid for it all the same. An answer whose
 * connection was lost has the same status, and is worth a retry.
 */
export function wasAnswered(error: unknown): boolean {
  if (!isJson(error)) return false;
  const { statusCode, isRetryable } = error;
  return typeof statusCode === "number" && statusCode >= 200 && statusCode < 300 && !isRetryable;
}
