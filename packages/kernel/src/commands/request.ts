/** Owns how somebody asks for more than a limit gives, and how that is answered (docs/decisions/0039). */
import { type Credits, creditsMax, microCreditsPerCredit, plus } from "../amount.ts";
import { giftReserve } from "./fairness.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import { knobsNow } from "../fairness/open.ts";
import { type Instant, after } from "../instant.ts";
import { type CapRule, capOf, isCounting, viewCap } from "../limits/cap.ts";
import { isOfPlan } from "../limits/of-plan.ts";
import { capForGood } from "../limits/raise.ts";
import { type AppliedLimit, limitsOn } from "../limits/slice.ts";
import type { Path } from "../members/member.ts";
import { pathOf } from "../members/slice.ts";
import { spender } from "../members/spender.ts";
import type { Rejection } from "../rejections.ts";
import { answersAll, mayAnswer } from "../requests/approver.ts";
import type { CreditRequestApproved } from "../requests/events.ts";
import type { Approval, CreditRequest } from "../requests/request.ts";
import { waitingFor } from "../requests/slice.ts";
import { type State, workspaceOf } from "../state/state.ts";

/** Asks for more. */
export interface RequestCredits {
  readonly kind: "requestCredits";
  readonly request: string;
  readonly member: string;
  /** The cap that is to give more; null: reserved credits are asked for. */
  readonly limit: string | null;
  readonly credits: Credits;
  readonly ttlMs: number;
}

/** Gives it. */
export interface ApproveRequest {
  readonly kind: "approveRequest";
  readonly request: string;
  /** Who answers. */
  readonly by: string;
  readonly as: Approval["as"];
  /** More credits; of `limit`, the cap's new value. null: as many as were asked for. */
  readonly credits: Credits | null;
  /** Of a gift: whose reserved credits. null: those of who answers. */
  readonly from: string | null;
}

/** Does not give it. */
export interface DeclineRequest {
  readonly kind: "declineRequest";
  readonly request: string;
  readonly by: string;
}

/** A request waits for at most this. */
const waitMaxMs = 30 * 24 * 60 * 60 * 1_000;

/** Asks for more of a cap that stops this member; of one member one request waits for one limit. */
export function requestCredits(state: State, command: RequestCredits, at: Instant): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const who = spender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const { member, limit, ttlMs } = command;
  const wrong = wrongAmount(command.credits);
  if (wrong !== undefined) return reject(wrong);
  if (ttlMs <= 0 || ttlMs > waitMaxMs)
    return reject(invalid("ttl", "A request waits for more than nothing and at most 30 days."));
  // Nothing is reserved there, so nobody could ever give it.
  if (limit === null && knobsNow(state) === undefined) return reject({ code: "fairness_off" });
  const counter = limit === null ? null : counterOf(state, who.path, limit);
  if (counter !== null && "code" in counter) return reject(counter);
  const open = waitingFor(state.requests, { member, limit });
  if (open !== undefined) return reject({ code: "request_open", request: open.id, member, limit });
  const request = {
    id: command.request,
    member,
    limit,
    counter: counter === null ? null : counter.key,
    credits: command.credits,
    createdAt: at,
    expiresAt: after(at, ttlMs),
    end: null,
  };
  return accept({ kind: "credit_request.created", at, request });
}

function counterOf(state: State, path: Path, limit: string): AppliedCap | Rejection {
  if (isOfPlan(limit)) return { code: "limit_of_plan", limit };
  if (state.limits.limits.get(limit) === undefined) return { code: "unknown_limit", limit };
  return (
    capOn(state, path, limit) ??
    invalid("limit", `Limit ${limit} is no cap of so many credits that applies to ${path.member}.`)
  );
}

/** Gives more: once, for this window, as the cap's new value, or reserved credits. */
export function approveRequest(
  state: State,
  command: ApproveRequest,
  at: Instant,
  { calendar }: Surroundings,
): Decision {
  const found = waitingRequest(state, command.request);
  if ("code" in found) return reject(found);
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const who = spender(state.members, workspace, found.member);
  if (who.kind === "refused") return reject(who.rejection);
  const { path } = who;
  const applied = found.limit === null ? undefined : capOn(state, path, found.limit);
  const { by } = command;
  const refused = mayAnswer(state, by, { request: found.id, path, limit: applied?.limit });
  if (refused !== undefined) return reject(refused);
  const wrong = wrongAmount(command.credits ?? found.credits);
  if (wrong !== undefined) return reject(wrong);
  if (command.as === "gift") return giveReserve(state, command, found, at);
  if (found.limit === null)
    return reject(invalid("as", "The request names no limit: give reserved credits (`gift`)."));
  if (applied === undefined || applied.key !== found.counter)
    return reject({ code: "request_outdated", request: found.id, limit: found.limit });
  const zone = { calendar, timeZone: workspace.timeZone, pool: state.pool };
  const { cap, window } = viewCap(state.limits, applied.key, applied.rule, at, zone);
  const { as } = command;
  const wanted = as === "limit" ? plus(cap, found.credits) : found.credits;
  const credits = command.credits ?? wanted;
  const lower = as === "limit" ? notMore(state, applied, credits, at) : undefined;
  if (lower !== undefined) return reject(lower);
  const approval: Given = as === "limit" ? { as, credits } : { as, credits, until: window.end };
  const request = { ...found, end: { kind: "approved", by, at, approval } } as const;
  return accept({
    kind: "credit_request.approved",
    at,
    request,
    ...given(applied, request, approval),
  });
}

/** Whoever asks for more is never answered with less: a cap that is not above the one that stands for good. */
function notMore(
  { limits, pool }: State,
  { limit, key, rule }: AppliedCap,
  asked: Credits,
  at: Instant,
): Rejection | undefined {
  const stands = capForGood(limits.raised.get(key), capOf(limits, key, rule, pool, at));
  if (asked > stands) return undefined;
  return invalid(
    "credits",
    `The cap of limit ${limit.id} is ${inCredits(stands)} credits, and ${inCredits(asked)} are not more. Say the whole new cap, or leave credits out to add what was asked for.`,
  );
}

/** Of its own reserve who answers may give; of others' only who may answer every request. */
function giveReserve(
  state: State,
  command: ApproveRequest,
  found: CreditRequest,
  at: Instant,
): Decision {
  const { by, from } = command;
  const giver = from ?? by;
  if (giver !== by && !answersAll(state, by))
    return reject({ code: "not_an_approver", request: found.id, by });
  const credits = command.credits ?? found.credits;
  const gift = { gift: found.id, from: giver, to: found.member, credits };
  const decision = giftReserve(state, { kind: "giftReserve", ...gift }, at);
  if (decision.kind === "rejected" || decision.event.kind !== "reserve.gifted") return decision;
  const { seats } = decision.event;
  const approval = { as: "gift", credits, from: giver } as const;
  const request = { ...found, end: { kind: "approved", by, at, approval } } as const;
  return accept({ kind: "credit_request.approved", at, request, gift: { credits, seats } });
}

/** Does not give it. Its limit may be gone. */
export function declineRequest(
  state: State,
  { request, by }: DeclineRequest,
  at: Instant,
): Decision {
  const found = waitingRequest(state, request);
  if ("code" in found) return reject(found);
  const path = pathOf(state.members, found.member, state.members.members.get(found.member));
  const limit = found.limit === null ? undefined : state.limits.limits.get(found.limit);
  const refused = mayAnswer(state, by, { request, path, limit });
  if (refused !== undefined) return reject(refused);
  const end = { kind: "declined", by, at } as const;
  return accept({ kind: "credit_request.declined", at, request: { ...found, end } });
}

type Given = Exclude<Approval, { readonly as: "gift" }>;

/** A default limit keeps its value for everybody else; any other changes. */
function given(
  { limit, key, rule }: AppliedCap,
  { id, end }: CreditRequest & { readonly end: { readonly at: Instant } },
  approval: Given,
): Pick<CreditRequestApproved, "raise" | "limit"> {
  const { at } = end;
  const base = { request: id, limit: limit.id, counter: key, at } as const;
  switch (approval.as) {
    case "once":
      return { raise: { ...base, kind: "once", left: approval.credits, until: approval.until } };
    case "period": {
      const { credits, until } = approval;
      return { raise: { ...base, kind: "period", credits, until } };
    }
    case "limit": {
      const { credits } = approval;
      if (limit.scope.kind === "eachMember")
        return { raise: { ...base, kind: "standing", credits } };
      const { window } = rule;
      return {
        limit: { id: limit.id, scope: limit.scope, rule: { kind: "cap", credits, window } },
      };
    }
  }
}

function waitingRequest(state: State, id: string): CreditRequest | Rejection {
  const found = state.requests.requests.get(id);
  if (found === undefined) return { code: "unknown_request", request: id };
  if (found.end === null) return found;
  return { code: "request_over", request: id, status: found.end.kind };
}

interface AppliedCap extends AppliedLimit {
  readonly rule: CapRule;
}

/** A limit where it stops this path, if it is a cap of so many credits. */
function capOn(state: State, path: Path, id: string): AppliedCap | undefined {
  for (const { limit, key } of limitsOn(state.limits, path))
    if (limit.id === id && isCounting(limit.rule)) return { limit, key, rule: limit.rule };
  return undefined;
}

const wrongAmount = (amount: Credits): Rejection | undefined =>
  amount > 0n && amount <= creditsMax
    ? undefined
    : invalid("credits", "More is asked for, and given, of more than 0 and at most 10^12 credits.");

/** A decimal number of credits. */
function inCredits(amount: Credits): string {
  const rest = String(amount % microCreditsPerCredit)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${amount / microCreditsPerCredit}${rest === "" ? "" : `.${rest}`}`;
}

const invalid = (field: string, reason: string): Rejection => ({
  code: "invalid_request",
  field,
  reason,
});
