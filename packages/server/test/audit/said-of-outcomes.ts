import { type Command, type OutcomeTerms, conversationDefaults, instant } from "@cistern/kernel";

const hour = 3_600_000;

/** Resolutions that mature in two hours, and documents whose price steps down. */
export const outcomeTerms: readonly OutcomeTerms[] = [
  {
    kind: "conversation",
    type: "resolution",
    price: { kind: "per_unit", per: 1n, price: 99n },
    parts: [{ name: "assisted", shareBps: 5_000 }],
    ...conversationDefaults,
    expectedBps: 6_000,
    maturityMs: { chat: 2 * hour, ticket: 6 * hour },
    reviewFrom: { topics: 2, conversations: 3 },
  },
  {
    kind: "quantity",
    type: "document",
    price: {
      kind: "graduated",
      per: 1n,
      tiers: [
        { upTo: 2n, price: 10n },
        { upTo: null, price: 5n },
      ],
    },
    parts: [],
    expectedBps: null,
    reopenMs: conversationDefaults.reopenMs,
    needsConfirmation: false,
  },
];

type Claimed = Extract<Command, { kind: "claimOutcome" }>;

/** One of everything that can be said of outcomes, from an instant in a paid period on; some of it late. */
export function saidOfOutcomes(from: number): readonly (readonly [number, Command])[] {
  const claim = (outcome: string, given: Partial<Claimed>): Command => ({
    kind: "claimOutcome",
    outcome,
    type: "resolution",
    customer: "zoe",
    topic: "bill",
    conversation: "c1",
    channel: "chat",
    quantity: 1n,
    part: null,
    evidence: null,
    isTest: false,
    isSubstantive: true,
    occurredAt: null,
    ...given,
  });
  const thing = { type: "document", customer: null, topic: null, conversation: null } as const;
  const contact = (occurredAt: number | null): Command => ({
    kind: "signalCase",
    signal: "contact",
    customer: "zoe",
    topic: "bill",
    conversation: "c1",
    occurredAt: occurredAt === null ? null : instant(occurredAt),
  });
  const dispute = (resolution: "upheld" | "rejected" | null): Command => ({
    kind: "disputeOutcome",
    outcome: "out_2",
    reason: null,
    resolution,
  });
  const proof = { hash: "sha256:1", attestor: "desk" };
  const at = (hours: number): number => from + hours * hour;
  return [
    [at(0), claim("out_1", { evidence: proof })],
    [at(0.1), claim("out_2", { topic: "address", conversation: "c2" })],
    [at(0.2), claim("out_3", { ...thing, channel: null, quantity: 3n })],
    [at(0.5), contact(null)],
    [at(3), contact(null)],
    [at(4), claim("out_4", { part: "assisted" })],
    [at(4.1), { kind: "confirmOutcome", outcome: "out_4", attestor: null, occurredAt: null }],
    [at(4.2), { kind: "reopenOutcome", outcome: "out_3", occurredAt: null }],
    [at(5), dispute(null)],
    [at(5.1), dispute("upheld")],
    [at(5.2), claim("out_5", { topic: "other", evidence: proof, conversation: "c5" })],
    [at(5.3), claim("out_6", { isTest: true, conversation: "c6" })],
    [at(9.5), claim("out_8", { customer: "max", channel: "ticket" })],
    [at(15), contact(at(6))],
    [at(15.1), claim("out_7", { ...thing, channel: null, quantity: 5n })],
    [at(16), claim("out_9", { customer: "kim", conversation: "c9" })],
    [
      at(20),
      {
        kind: "signalCase",
        signal: "contact",
        customer: "kim",
        topic: "bill",
        conversation: null,
        occurredAt: null,
      },
    ],
  ];
}
