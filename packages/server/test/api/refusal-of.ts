import assert from "node:assert/strict";
import { CisternProblem } from "@cistern/client";

/** How a call of the client was refused, such as `409 nothing_to_invoice`; `accepted` where it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    assert(error instanceof CisternProblem);
    return `${error.problem.status} ${error.problem.code}`;
  }
}
