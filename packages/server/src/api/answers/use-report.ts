/** Owns how reports on use say what they found: each row with its rule and its numbers. */
import {
  type IdleSeat,
  type InefficiencyRow,
  type PowerUser,
  grouped,
  printCredits,
  printInstant,
} from "@cistern/contract";
import { amountText } from "../../books/index.ts";
import {
  type Hint,
  type IdleSeat as FoundSeat,
  type PowerUser as FoundUser,
  largerTimes,
  retryWithinMs,
  shortOutputMax,
} from "../../insights/index.ts";

/** A member that needs more. */
export function powerUserBody(one: FoundUser): PowerUser {
  const { member, times, credits, byLimits, byShares, activeDays, refusedDays, daysAtLimit } = one;
  return {
    member,
    refused: Number(times),
    refusedCredits: printCredits(credits),
    refusedByLimits: printCredits(byLimits),
    refusedByShares: printCredits(byShares),
    usedCredits: printCredits(one.used),
    activeDays,
    refusedDays,
    daysAtLimit,
    suggestedRaise: printCredits(one.raise),
    coveredDays: one.coveredDays,
    codes: one.codes.map(({ code, times: often, credits: asked }) => ({
      code,
      times: Number(often),
      credits: printCredits(asked),
    })),
    why: `${count(times, "call")} refused on ${refusedDays} of ${count(activeDays, "active day")}, for ${text(credits)} credits, of which limits refused ${text(byLimits)} on ${count(daysAtLimit, "day")}, and the sharing of the pool ${text(byShares)}. ${helpText(one)} Calls that were asked again count again, so this is a hint.`,
  };
}

function helpText(one: FoundUser): string {
  const { daysAtLimit, byShares } = one;
  if (daysAtLimit === 0 && byShares === 0n)
    return "No limit of its own stood in the way: more credits for the pool would help.";
  return [
    ...(daysAtLimit === 0 ? [] : [raiseText(one)]),
    ...(byShares === 0n ? [] : [sharesText(one)]),
  ].join(" ");
}

function raiseText({ raise, activeDays, coveredDays }: FoundUser): string {
  if (raise === 0n)
    return "On 95 % of the active days or more no limit refused anything: no raise is suggested.";
  return `On ${coveredDays} of ${activeDays} active days limits refused at most ${text(raise)} credits: a raise of ${text(raise)} a day would have covered these, which are 95 % or more.`;
}

/** RULES 32: no limit is raised for it. */
const sharesText = ({ byShares }: FoundUser): string =>
  `No raise of a limit answers the ${text(byShares)} that the sharing of the pool refused: a guarantee for the member, a gift of reserved credits, another preset or a top-up would help.`;

/** A seat that nobody uses. */
export function idleSeatBody(
  { member, since, lastUsedAt, idleDays }: FoundSeat,
  { fee, currency, plan }: { fee: bigint; currency: string; plan: string },
): IdleSeat {
  const last =
    lastUsedAt === undefined
      ? "It was not used in the last 366 days"
      : `It was last used at ${printInstant(lastUsedAt)}`;
  return {
    member,
    since: printInstant(since),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: printInstant(lastUsedAt) }),
    idleDays,
    fee: amountText(fee, currency),
    currency,
    why: `${last}, and assigned at ${printInstant(since)}: ${count(idleDays, "day")} without use. A seat of plan ${plan} costs ${amountText(fee, currency)} ${currency} a period. A hint: nobody knows what is to come.`,
  };
}

/** A hint that credits went for little. */
export function inefficiencyBody(hint: Hint): InefficiencyRow {
  return {
    kind: hint.kind,
    meter: hint.meter,
    model: hint.kind === "retries" ? "" : hint.model,
    member: hint.kind === "retries" ? hint.member : "",
    ended: hint.kind === "failed_calls" ? hint.failure : "",
    calls: hint.calls,
    credits: printCredits(hint.credits),
    saves: printCredits(hint.saves),
    cheaperModel: hint.kind === "larger_model" ? hint.cheaper : "",
    why: whyOf(hint),
  };
}

function whyOf(hint: Hint): string {
  const of = hint.kind === "retries" || hint.model === "" ? "" : ` with ${hint.model}`;
  switch (hint.kind) {
    case "failed_calls":
      return `${count(hint.calls, "call")} of ${hint.ofCalls} of ${hint.meter}${of} ${failureText[hint.failure]}, and were charged ${text(hint.credits)} credits. A hint: why they did is not known here.`;
    case "retries":
      return `${count(hint.calls, "call")} of ${hint.meter} by ${hint.member} came within ${retryWithinMs / 60_000} minutes after one of the same project and attributes that had failed, was cut off or stopped, and were charged ${text(hint.credits)} credits. A hint: they may have been other calls.`;
    case "cache_misses":
      return `${units(hint.missed)} input_text of ${hint.meter}${of} in ${count(hint.calls, "call")} were not found in a cache, ${units(hint.found)} were (cache_read): half or more were not. At the price of cache_read they would have cost ${text(hint.saves)} credits less, by the prices of now. A hint: not all input repeats.`;
    case "larger_model":
      return `${count(hint.calls, "call")} of ${hint.meter}${of} had answers of at most ${shortOutputMax} output_text. By the prices of now they cost ${text(hint.own)} credits, and the same usage with ${hint.cheaper}, the cheapest model that was used there, ${text(hint.other)}: more than ${largerTimes} times as much. A hint: a short answer may be a hard one.`;
  }
}

const failureText = {
  failed: "failed before any output",
  cancelled: "were stopped by whoever asked",
  partial: "were cut off after some output",
  no_usage: "ended without saying what they used",
  unrated: "used what no row of the rate card prices",
  late: "were settled after their hold had run out",
} as const;

const text = (micro: bigint): string => grouped(printCredits(micro));
const units = (many: bigint): string => grouped(many.toString());
const count = (many: number | bigint, what: string): string =>
  `${grouped(many.toString())} ${what}${BigInt(many) === 1n ? "" : "s"}`;
