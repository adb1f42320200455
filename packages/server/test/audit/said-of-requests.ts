import { type Command, credits } from "@cistern/kernel";

const hour = 3_600_000;
const micro = (amount: number) => credits(BigInt(amount));

/** Requests for more that end in every way; what was lent once is used. */
export function saidOfRequests(at: number): readonly (readonly [number, Command])[] {
  const asks = (request: string, limit: string, ttlMs = hour): Command => ({
    kind: "requestCredits",
    request,
    member: "ana",
    limit,
    credits: micro(10),
    ttlMs,
  });
  const approves = (request: string, as: "once" | "period" | "limit"): Command => ({
    kind: "approveRequest",
    request,
    by: "ben",
    as,
    credits: null,
    from: null,
  });
  const tight = (limit: string): Command => ({
    kind: "putLimit",
    limit,
    scope: { kind: "workspace" },
    rule: { kind: "cap", credits: micro(0), window: { kind: "calendar", unit: "day" } },
  });
  const hold: Command = {
    kind: "openHold",
    hold: "hld_lent",
    member: "ana",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: micro(4) },
    ttlMs: 1_000,
    run: null,
    project: null,
    attributes: null,
  };
  return [
    [at, asks("crq_1", "daily")],
    [at, approves("crq_1", "period")],
    [at + 1, asks("crq_2", "daily")],
    [at + 1, { kind: "declineRequest", request: "crq_2", by: "ben" }],
    [at + 2, asks("crq_3", "daily", 1_000)],
    [at + 2_000, asks("crq_4", "daily")],
    [at + 2_000, approves("crq_4", "limit")],
    [at + 2_001, tight("all")],
    [at + 2_002, asks("crq_5", "all")],
    [at + 2_002, approves("crq_5", "once")],
    [at + 2_003, hold],
    [at + 2_004, { kind: "removeLimit", limit: "all" }],
    [at + 2_005, { kind: "putLimits", limits: [], remove: ["daily"] }],
  ];
}
