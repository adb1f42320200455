/** Owns how top-ups and their rule are told. */
import {
  type TopUp as TopUpBody,
  type TopUpRule as RuleBody,
  printCredits,
  printInstant,
} from "@cistern/contract";
import {
  type Event,
  type Position,
  type TopUp,
  type TopUpRule,
  failuresMax,
} from "@cistern/kernel";
import { poolBalanceOf } from "./pool.ts";
import { moneyBody } from "./subscription.ts";
import type { ToldOf } from "./told-event.ts";

/** A top-up as it stands. */
export function topUpBody(one: TopUp, at: Position): TopUpBody {
  return {
    id: one.id,
    status: one.status,
    automatic: one.isAutomatic,
    pack: one.pack.name,
    quantity: one.quantity,
    credits: printCredits(one.credits),
    amount: moneyBody(one.amount, one.pack.currency),
    ...(one.note === null ? {} : { note: one.note }),
    ...(one.payment === null ? {} : { payment: one.payment }),
    ...(one.detail === null
      ? {}
      : one.status === "failed"
        ? { reason: one.detail }
        : { action: one.detail }),
    ...(one.grants.length === 0 ? {} : { grants: one.grants }),
    ...(one.invoice === undefined ? {} : { invoice: one.invoice }),
    requestedAt: printInstant(one.requestedAt),
    ...(one.resolvedAt === null ? {} : { resolvedAt: printInstant(one.resolvedAt) }),
    at,
  };
}

/** The rule as it stands; `pending` is the request of it that waits. */
export function ruleBody(
  rule: TopUpRule,
  {
    pending,
    isOffered = true,
    at,
  }: { readonly pending: string | undefined; readonly isOffered?: boolean; readonly at: Position },
): RuleBody {
  const { currency, name } = rule.pack;
  const isOff = rule.failures >= failuresMax;
  return {
    enabled: rule.isEnabled,
    pack: name,
    threshold: printCredits(rule.threshold),
    target: printCredits(rule.target),
    monthlyCeiling: moneyBody(rule.monthlyCeiling, currency),
    status: rule.isEnabled ? (isOff ? "disabled" : "on") : "off",
    failures: rule.failures,
    ...(isOffered ? {} : { packNotInPlan: true }),
    ...(rule.retryAt === null ? {} : { retryAt: printInstant(rule.retryAt) }),
    ...(rule.month === null
      ? {}
      : {
          spent: {
            amount: moneyBody(rule.month.spent, currency),
            from: printInstant(rule.month.start),
            to: printInstant(rule.month.end),
          },
        }),
    ...(pending === undefined ? {} : { pending }),
    at,
  };
}

type TopUpEvent = Extract<
  Event,
  {
    readonly kind:
      | "top_up.requested"
      | "top_up.pending"
      | "top_up.succeeded"
      | "top_up.failed"
      | "top_up.rule_updated"
      | "top_up.rule_disabled";
  }
>;

/** What an event tells. */
export function toldTopUp(event: TopUpEvent, at: Position): ToldOf<TopUpEvent["kind"]> {
  switch (event.kind) {
    case "top_up.requested":
    case "top_up.pending":
    case "top_up.failed":
      return { type: event.kind, data: topUpBody(event.topUp, at) };
    case "top_up.succeeded":
      return {
        type: event.kind,
        data: { ...topUpBody(event.topUp, at), balance: poolBalanceOf(event.balance) },
      };
    case "top_up.rule_updated":
      return { type: event.kind, data: ruleBody(event.rule, { pending: undefined, at }) };
    case "top_up.rule_disabled": {
      const { topUp, failures, detail } = event;
      const reason = detail === null ? {} : { reason: detail };
      return { type: event.kind, data: { topUp, failures, ...reason } };
    }
  }
}
