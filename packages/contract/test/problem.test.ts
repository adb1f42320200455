import assert from "node:assert/strict";
import { test } from "node:test";
import { problemCodes, problems } from "../src/index.ts";

/** The order of API.md and RULES 2: what a hold is checked for, one after the other. */
const ladder = [
  ["workspace_suspended", 403],
  ["member_inactive", 403],
  ["unknown_member", 403],
  ["seat_required", 403],
  ["feature_not_in_plan", 402],
  ["unknown_run", 404],
  ["unknown_meter", 422],
  ["unknown_model", 422],
  ["rate_limited", 429],
  ["limit_reached", 403],
  ["never_this_period", 403],
  ["reserved_for_others", 403],
  ["borrow_limit", 403],
  ["credits_held", 409],
  ["pool_exhausted", 402],
] as const;

test("the ladder of a hold stands in its order of precedence with its statuses", () => {
  const codes = new Set<string>(ladder.map(([code]) => code));
  const found = problemCodes.filter((code) => codes.has(code));
  assert.deepEqual(
    found.map((code) => [code, problems[code].status]),
    ladder,
  );
});

test("every other code has the status that clients were told", () => {
  const told = {
    invalid_request: 422,
    idempotency_key_missing: 400,
    idempotency_key_reused: 422,
    malformed: 400,
    unknown_workspace: 404,
    unknown_hold: 404,
    unknown_grant: 404,
    unknown_group: 404,
    hold_already_settled: 409,
    hold_released: 409,
    hold_expired: 409,
    refund_exceeds_charge: 409,
    revoke_exceeds_grant: 409,
    workspace_exists: 409,
    period_closed: 409,
    currency_mismatch: 422,
    unauthenticated: 401,
    forbidden: 403,
    too_large: 413,
    method_not_allowed: 405,
    not_found: 404,
    overloaded: 503,
    enforcement_unavailable: 503,
    internal: 500,
  } as const;
  for (const [code, status] of Object.entries(told))
    assert.equal(
      Object.entries(problems).find(([name]) => name === code)?.[1].status,
      status,
      code,
    );
});

function codesOf(status: number) {
  return problemCodes.filter((code) => problems[code].status === status);
}

test("429 is for rates alone, and 503 for what is no one's fault", () => {
  assert.deepEqual(codesOf(429), ["rate_limited"]);
  assert.deepEqual(codesOf(503), ["overloaded", "enforcement_unavailable"]);
});
