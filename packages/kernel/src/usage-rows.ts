import type { AllowanceMove, FreeUnits } from "./allowances/terms.ts";
import type { Event } from "./events.ts";
import type { Instant, Interval } from "./instant.ts";
import type { Transfer } from "./pool/lot.ts";
import { type Price, type Usage, negotiationOf } from "./rating/tariff.ts";
import type { VendorCost } from "./rating/vendor-cost.ts";

/** One line of usage, as an event states it. A refund is a line of its own, with credits below zero. */
export interface UsageRow {
  readonly id: string;
  /** When it was authorized, or (debits) when it happened. */
  readonly occurredAt: Instant;
  readonly member: string;
  readonly groups: readonly string[];
  readonly project: string | null;
  readonly meter: string | null;
  readonly model: string | null;
  readonly usage: Usage | null;
  /** Micro-credits charged; negative for a refund. */
  readonly credits: bigint;
  /** Of them, drawn from lots: neither owed nor billed; negative for what a refund gave back to lots. */
  readonly drawn: bigint;
  /** What these cost, in minor units: the money that left their lots as usage; negative for a refund. */
  readonly worth: bigint;
  readonly rate: {
    readonly card: string;
    readonly row: string;
    /** The price was negotiated. */
    readonly isNegotiated?: true;
  } | null;
  /** Of a level: while it was there. */
  readonly over: Interval | null;
  /** The vendor's alone to see; a refund gives nothing of it back. */
  readonly cost: VendorCost | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  /** By bucket, what of it an allowance took: it cost no credits. Left out: nothing. */
  readonly free?: FreeUnits;
  /** The settlement that a refund undoes. */
  readonly refundOf: string | null;
}

/** What an event adds to the usage of its workspace. */
export function usageRows(event: Event): readonly UsageRow[] {
  if (event.kind === "usage.refunded")
    return [
      {
        id: event.refund,
        occurredAt: event.at,
        member: event.path.member,
        groups: event.path.groups,
        project: event.project,
        meter: event.meter,
        model: event.model,
        usage: null,
        credits: -event.credits,
        drawn: -drawnBy(event.charges),
        worth: -sumOf(event.transfers, ({ from }) => from === "consumed"),
        rate: null,
        over: null,
        cost: null,
        attributes: event.attributes,
        refundOf: event.of,
      },
    ];
  if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return [];
  const { path, project, meter, model, usage, charged, price, attributes, cost = null } = event;
  return [
    {
      id: event.kind === "hold.settled" ? event.hold : event.debit,
      occurredAt: event.kind === "hold.settled" ? event.authorizedAt : event.occurredAt,
      member: path.member,
      groups: path.groups,
      project,
      meter,
      model,
      usage,
      credits: charged,
      drawn: drawnBy(event.charges),
      worth: sumOf(event.transfers, ({ to, debt }) => to === "consumed" && debt === undefined),
      rate: price === null ? null : rateOf(price),
      over: event.kind === "usage.debited" ? (event.over ?? null) : null,
      cost,
      attributes,
      ...freeOf(event.units),
      refundOf: null,
    },
  ];
}

const rateOf = (price: Price): UsageRow["rate"] => ({
  card: price.card,
  row: price.row,
  ...(negotiationOf(price) === undefined ? {} : { isNegotiated: true }),
});

function freeOf(units: readonly AllowanceMove[] = []): Pick<UsageRow, "free"> {
  const free = new Map<string, bigint>();
  for (const { bucket, used } of units) free.set(bucket, (free.get(bucket) ?? 0n) + used);
  const some = [...free].filter(([, used]) => used > 0n);
  return some.length === 0 ? {} : { free: Object.fromEntries(some) };
}

const drawnBy = (charges: readonly { readonly credits: bigint }[]): bigint =>
  charges.reduce((sum, { credits }) => sum + credits, 0n);

/** Of what leaves the lots, or comes back to them, what is usage rather than breakage. */
const sumOf = (transfers: readonly Transfer[], isOf: (one: Transfer) => boolean): bigint =>
  transfers.reduce((sum, one) => (isOf(one) ? sum + one.money - (one.breakage ?? 0n) : sum), 0n);

/** Credits that lots paid of what was owed before, with what they cost, by the settlement that owes it. */
export function debtsPaid(
  event: Event,
): readonly { readonly of: string; readonly credits: bigint; readonly worth: bigint }[] {
  if (!("transfers" in event)) return [];
  const { transfers } = event;
  const sums = new Map<string, bigint>();
  for (const { debt, credits } of transfers)
    if (debt !== undefined) sums.set(debt, (sums.get(debt) ?? 0n) + credits);
  return [...sums].map(([of, credits]) => ({
    of,
    credits,
    worth: sumOf(transfers, ({ debt }) => debt === of),
  }));
}

/** What an event is about: an id of ours, a member, or the workspace itself. */
export function subjectOf(event: Event): string {
  switch (event.kind) {
    case "workspace.created":
    case "workspace.updated":
      return event.workspace.id;
    case "member.updated":
    case "member.deactivated":
      return event.member.id;
    case "seat.assigned":
    case "seat.released":
      return event.seat.member;
    case "group.updated":
      return event.group.id;
    case "limit.updated":
    case "limit.removed":
      return event.limit.id;
    case "credit_request.created":
    case "credit_request.approved":
    case "credit_request.declined":
      return event.request.id;
    case "limits.updated":
      return "";
    case "credit_request.expired":
      return event.requests[0]?.id ?? "";
    case "policy.updated":
    case "policy.removed":
      return event.policy.id;
    case "policy.accepted":
      return event.acceptance.policy;
    case "fairness.opened":
    case "fairness.recommended":
    case "balance.low":
    case "balance.depleted":
    case "balance.recovered":
      return "";
    case "reserve.gifted":
      return event.gift;
    case "member_terms.updated":
      return event.terms.member;
    case "group_terms.updated":
      return event.terms.group;
    case "limit.reached":
      return event.scope.limit ?? event.scope.id;
    case "alert_rule.updated":
    case "alert_rule.removed":
      return event.rule.id;
    case "alert.raised":
    case "alert.reviewed":
      return event.alert.id;
    case "rate_card.changed":
      return event.card;
    case "credits.granted":
      return event.lot.id;
    case "credits.revoked":
    case "credits.repaid":
    case "credits.escheated":
    case "breakage.revised":
      return event.lot;
    case "credits.charged_back":
      return event.lots[0]?.lot ?? "";
    case "credits.effective":
    case "credits.expired":
      return event.lots[0] ?? "";
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.cancelled":
    case "subscription.changed":
    case "subscription.updated":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.recognised":
    case "commitment.trued_up":
    case "credits.rolled_over":
      return event.subscription.id;
    case "invoice.drafted":
    case "invoice.finalized":
    case "invoice.paid":
    case "invoice.voided":
    case "invoice.uncollectible":
    case "credit_note.issued":
    case "balance.applied":
      return event.invoice.id;
    case "balance.paid_out":
      return event.payout;
    case "outcome.claimed":
    case "outcome.reopened":
    case "outcome.confirmed":
    case "outcome.disputed":
    case "outcome.signalled":
      return event.of?.claim.outcome ?? event.case.id;
    case "outcome.matured":
      return event.changes[0]?.outcome.id ?? "";
    case "outcome.estimated":
    case "outcome.estimate_released":
      return "";
    case "outcome.reversed":
      return event.reversed.id;
    case "outcome.review_raised":
      return event.case;
    case "top_up.requested":
    case "top_up.pending":
    case "top_up.succeeded":
    case "top_up.failed":
      return event.topUp.id;
    case "top_up.rule_updated":
      return "";
    case "top_up.rule_disabled":
      return event.topUp;
    case "hold.opened":
      return event.opens?.id ?? event.hold;
    case "hold.extended":
      return event.raises?.run.id ?? event.hold;
    case "hold.settled":
    case "hold.released":
      return event.hold;
    case "hold.expired":
      return event.holds[0]?.hold ?? "";
    case "run.opened":
    case "run.raised":
    case "run.paused":
    case "run.closed":
      return event.run.id;
    case "run.expired":
      return event.runs[0]?.id ?? "";
    case "usage.debited":
      return event.debit;
    case "usage.refunded":
      return event.of;
    case "period.closed":
      return event.month;
  }
}

/** Every hold or debit that an event changes: what `recall` has to read (RULES 25). */
export function holdsTouched(event: Event): readonly string[] {
  if (!("transfers" in event)) return [];
  const payers = event.transfers.flatMap((one) => (one.debt === undefined ? [] : [one.debt]));
  return [...new Set([...ownHolds(event), ...payers])];
}

function ownHolds(event: Event): readonly string[] {
  if (event.kind === "hold.expired") return event.holds.map((one) => one.hold);
  if (event.kind === "usage.debited") return [event.debit];
  if (event.kind === "usage.refunded") return [event.of];
  return "hold" in event ? [event.hold] : [];
}
