/** Outcomes in short: a workspace on a plan that pays for resolutions, documents and minutes. */
import {
  type BillableOutcome,
  type Booked,
  type Command,
  type ConversationTerms,
  type OutcomeTerms,
  type Plan,
  type QuantityTerms,
  type UnitPrice,
  conversationDefaults,
  instant,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { Life, start } from "../subscriptions/life.ts";

export const each = (price: bigint): UnitPrice => ({ kind: "per_unit", per: 1n, price });

export const resolutions = (terms: Partial<ConversationTerms> = {}): OutcomeTerms => ({
  kind: "conversation",
  type: "resolution",
  price: each(99n),
  parts: [{ name: "assisted", shareBps: 5_000 }],
  expectedBps: null,
  ...conversationDefaults,
  ...terms,
});

export const things = (type: string, terms: Partial<QuantityTerms> = {}): OutcomeTerms => ({
  kind: "quantity",
  type,
  price: each(10n),
  parts: [],
  expectedBps: null,
  reopenMs: conversationDefaults.reopenMs,
  needsConfirmation: false,
  ...terms,
});

/** A workspace whose plan began on the first of February. */
export function begun(
  outcomes: readonly OutcomeTerms[] = [resolutions(), things("document")],
  terms: Partial<Plan> = {},
): Life {
  const life = new Life("2026-02-01T00:00Z");
  life.run(start({ outcomes, ...terms }));
  return life;
}

type Claimed = Extract<Command, { kind: "claimOutcome" }>;

/** A claim of a resolution in a chat with Zoe about her bill. */
export const claim = (
  outcome: string,
  given: Partial<Omit<Claimed, "occurredAt">> & { occurred?: string; proof?: string } = {},
): Command => {
  const { occurred, proof, ...rest } = given;
  return {
    kind: "claimOutcome",
    outcome,
    type: "resolution",
    customer: "zoe",
    topic: "bill",
    conversation: "c1",
    channel: "chat",
    quantity: 1n,
    part: null,
    evidence: proof === undefined ? null : { hash: proof, attestor: "desk" },
    isTest: false,
    isSubstantive: true,
    occurredAt: occurred === undefined ? null : instant(at(occurred)),
    ...rest,
  };
};

export const thing = (
  outcome: string,
  quantity: bigint,
  given: Parameters<typeof claim>[1] = {},
): Command =>
  claim(outcome, {
    type: "document",
    customer: null,
    topic: null,
    conversation: null,
    channel: null,
    quantity,
    ...given,
  });

type Signalled = Extract<Command, { kind: "signalCase" }>;

export const signal = (
  what: Signalled["signal"],
  given: Partial<Omit<Signalled, "occurredAt">> & { occurred?: string } = {},
): Command => {
  const { occurred, ...rest } = given;
  return {
    kind: "signalCase",
    signal: what,
    customer: "zoe",
    topic: "bill",
    conversation: "c1",
    occurredAt: occurred === undefined ? null : instant(at(occurred)),
    ...rest,
  };
};

export const reopen = (outcome: string, occurred?: string): Command => ({
  kind: "reopenOutcome",
  outcome,
  occurredAt: occurred === undefined ? null : instant(at(occurred)),
});

export const confirm = (outcome: string, occurred?: string): Command => ({
  kind: "confirmOutcome",
  outcome,
  attestor: "zoe",
  occurredAt: occurred === undefined ? null : instant(at(occurred)),
});

export const dispute = (
  outcome: string,
  resolution: "upheld" | "rejected" | null = null,
): Command => ({ kind: "disputeOutcome", outcome, reason: null, resolution });

/** How an outcome stands, as `status reason`. */
export function standing(life: Life, outcome: string): string {
  const row = rowOf(life, outcome);
  if (row === undefined) return "unknown";
  return row.reason === null ? row.status : `${row.status} ${row.reason}`;
}

export const rowOf = (life: Life, outcome: string): BillableOutcome | undefined =>
  life.journal.state.outcomes.outcomes.get(outcome);

export const bookedOf = (life: Life, outcome: string): Booked | null =>
  rowOf(life, outcome)?.booked ?? null;

/** Lines of outcomes that wait for an invoice: what, how many, how much. */
export const pending = (life: Life): readonly (readonly [string, string, bigint, bigint])[] =>
  [...life.journal.state.invoices.pending.values()].map((line) => [
    line.kind,
    line.about,
    line.quantity,
    line.amount,
  ]);
