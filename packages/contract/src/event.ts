// Owns: what leaves Cistern as an event. A type is `noun.past`; it is versioned by adding fields, never by changing one.
import type { EventData } from "./event-data.ts";

/** What each event type tells. `subject` is the id of the thing named first. */
export const eventTypes = {
  "workspace.created": "A workspace exists; the first event of its journal.",
  "workspace.updated": "Settings or the status of the workspace changed.",
  "member.updated": "A member was registered or changed, or is active again.",
  "member.deactivated": "A member, and the keys that act for it, may open no more holds.",
  "group.updated": "A group was registered or changed.",
  "limit.updated": "A limit was set or changed.",
  "limit.removed": "A limit is gone.",
  "alert_rule.updated": "What is looked at for alerts changed, or who is told.",
  "alert_rule.removed": "A rule of alerts is gone.",
  "alert.raised":
    "Something was noticed: a threshold, a forecast or unusual use, with its numbers and who is to be told.",
  "alert.reviewed": "Somebody looked at an alert, and found it fine or confirmed it.",
  "limits.updated": "Many limits were set, changed or removed at once.",
  "credit_request.created": "A member asks for more than a limit gives.",
  "credit_request.approved":
    "A request for more was approved: once, for this window, or as the limit's new value.",
  "credit_request.declined": "A request for more was declined.",
  "credit_request.expired": "Nobody answered requests for more in time.",
  "policy.updated": "A policy of acceptable use was set or changed.",
  "policy.removed": "A policy of acceptable use is gone.",
  "policy.accepted": "A member accepted the text of a policy.",
  "limit.reached": "A cap is used up until its window ends.",
  "balance.low":
    "So few credits are left as the workspace calls low (`lowBalance`): told when that begins.",
  "balance.depleted":
    "No credits are left, not even held ones: told when that begins. Before that, calls may be refused for asking more than there is.",
  "balance.recovered": "After it was low or empty the pool has more than that again.",
  "rate_card.changed":
    "What comes next is priced by another version of the rate card; a subscription is told so when that takes effect, also where nobody calls.",
  "credits.granted": "A grant added credits.",
  "credits.effective": "Credits granted earlier may be spent from now on.",
  "credits.expired": "Credits ended unused.",
  "credits.revoked": "Credits were taken back.",
  "credits.repaid": "Money was paid back for a grant.",
  "credits.charged_back": "A bank took back what was paid for a grant.",
  "credits.escheated": "What a dormant grant still deferred is owed to the state.",
  "breakage.revised": "Another share of a grant is expected never to be used.",
  "hold.opened": "Credits were set aside for a call.",
  "hold.extended": "A hold got more credits, more time, or both.",
  "hold.settled": "A call was charged, in part or for good.",
  "hold.released": "A hold was given up; its credits are back.",
  "hold.expired": "Holds ran out of time; what was not settled is back.",
  "usage.debited": "Usage without a hold was charged.",
  "usage.refunded": "Credits of a settlement were given back.",
  "run.opened": "An envelope around calls is there.",
  "run.raised": "Bounds of a run were raised, or its pause ended.",
  "run.paused": "A bound of the run refused a call: nothing is approved in it until it is raised.",
  "run.closed": "Nothing more is approved in the run.",
  "run.expired": "Nothing happened in these runs for as long as they may be idle.",
  "subscription.started": "A plan was pinned; its first period, or its trial, has begun.",
  "subscription.renewed": "Another period has begun.",
  "subscription.granted": "Credits of a period came that is charged at once.",
  "subscription.resumed": "A pause was ended; a period has begun.",
  "subscription.changed": "The plan or the seats changed, and the rest of the period is settled.",
  "subscription.updated": "What the next period begins with, or whether there is one, changed.",
  "subscription.paused": "The last period is over; none begins until the subscription is resumed.",
  "subscription.ended": "The subscription ended with its period.",
  "subscription.cancelled": "The subscription was ended at once.",
  "subscription.recognised": "Access that was paid in advance was given: revenue of a month.",
  "commitment.trued_up":
    "A period of a commitment is over: what usage lacks of it is charged, or (0) nothing.",
  "seat.assigned": "A member has a seat.",
  "seat.released": "A member has its seat no longer.",
  "credits.rolled_over": "Unused credits of a period went on into the next; the rest expired.",
  "invoice.drafted":
    "What is pending is on a draft before a period ends: since somebody asked, or since the subscription is over.",
  "invoice.finalized": "An invoice was issued under its number.",
  "invoice.paid": "Money was received for an invoice.",
  "invoice.voided": "An invoice was taken back.",
  "invoice.uncollectible": "What is due of an invoice was given up.",
  "credit_note.issued": "A part of an invoice was taken back.",
  "balance.applied": "What the vendor owed the customer paid of an open invoice.",
  "balance.paid_out": "What the vendor owed the customer was paid out.",
  "outcome.claimed": "A result was said to have been reached.",
  "outcome.signalled": "Somebody wrote, took over or was not content in a case.",
  "outcome.reopened": "An outcome is none after all, or its case goes on.",
  "outcome.confirmed": "An outcome is one.",
  "outcome.disputed": "An outcome was disputed, or its dispute resolved.",
  "outcome.matured": "Outcomes are billed: nobody came back for long enough.",
  "outcome.estimated": "What is expected of claims that wait is revenue of the month that ended.",
  "outcome.estimate_released": "An estimate of outcomes has had its month.",
  "outcome.reversed":
    "What was billed of an outcome is taken back: told right after the fact that did it, with the amount.",
  "outcome.review_raised": "Cases look split, or thrown together: a person should look.",
  "top_up.requested": "Credits are wanted: their payment is to be collected.",
  "top_up.pending": "The payment of a top-up is under way, or waits for the customer.",
  "top_up.succeeded": "The payment of a top-up came, and became credits.",
  "top_up.failed": "The payment of a top-up was declined.",
  "top_up.rule_updated": "When the workspace buys by itself changed.",
  "top_up.rule_disabled": "Payments failed one after the other: nothing is bought by itself now.",
  "fairness.opened": "The pool is shared anew, though no period of credits began.",
  "fairness.recommended":
    "The replay of a period that is over speaks for another way of sharing the pool. It changes nothing: an owner may.",
  "reserve.gifted": "Reserved credits of one member were given to another.",
  "member_terms.updated": "A member's guarantee, or how far it may go above its share, changed.",
  "group_terms.updated": "A group's guarantee changed.",
  "period.closed": "A month of the books is closed.",
} as const;

/** The type of an event. */
export type EventType = keyof typeof eventTypes;

/** Every event type. */
export const eventTypeNames: readonly EventType[] = Object.keys(eventTypes).filter(isEventType);

/** Whether a text is an event type of this version. */
export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}

/** An event of one type, in a CloudEvents 1.0 envelope. */
export interface EventOf<Type extends EventType> {
  readonly specversion: "1.0";
  /** `<workspace>:<seq>.<index>` with the batch's hash: unique for ever. */
  readonly id: string;
  /** `/workspaces/<id>`. */
  readonly source: string;
  readonly type: Type;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype?: "application/json";
  readonly data: EventData[Type];
}

/**
 * An event of any type: `type` says which, and so what `data` is. A newer server may tell types that this version does not know.
 *
 * @example if (event.type === "hold.settled") total += parseCredits(event.data.charged);
 */
export type CloudEvent = { readonly [Type in EventType]: EventOf<Type> }[EventType];

/** Events after a cursor, gapless, in the journal's order. */
export interface EventPage {
  readonly data: readonly CloudEvent[];
  /** The cursor to go on with, also where nothing is new. */
  readonly next: string;
}

/** From where, how many, which, and how long to wait for one. */
export interface EventQuery {
  /** `0.0` (the default) is the start. */
  readonly after?: string;
  readonly limit?: number;
  /** Such as `PT30S`: where there is nothing new, the answer waits so long for something. Default: it does not. */
  readonly wait?: string;
  /** Only these, with commas between: `hold.settled,limit.reached`. `next` passes over the others. */
  readonly types?: string;
}

/**
 * The cursor to read on with after an event: what stands in its id behind the workspace.
 *
 * @example cursorAfter({ id: "acme:9.0:1f3a90bc" }) // "9.0.1f3a90bc"
 */
export function cursorAfter({ id }: Pick<CloudEvent, "id">): string {
  return id.split(":").slice(-2).join(".");
}
