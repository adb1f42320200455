/**
 * Owns which claims of a case are outcomes to pay for.
 *
 * V1 a verdict is a function of the set of facts, of the terms, and of now: never of the order in which facts came.
 * V2 of one case and type at most one claim is billed at a time. V3 facts count by when they happened: contact before a claim
 * has matured lets it rest anew; contact after it takes the outcome back while the reopen window is open.
 */
import { type Instant, instant } from "../instant.ts";
import type {
  CaseFact,
  Claim,
  Confirmation,
  Dispute,
  OutcomeReason,
  OutcomeStatus,
} from "./case.ts";
import { type Happening, episodesOf } from "./episodes.ts";
import type { OutcomeTerms } from "./terms.ts";
import { withUnnamedSignals } from "./unnamed-signals.ts";

/** What a claim comes to. */
export interface Verdict {
  readonly claim: Claim;
  readonly status: OutcomeStatus;
  readonly reason: OutcomeReason | null;
  readonly billedAt: Instant | null;
  /** The last instant before which its price was fixed: outcomes mature before anything else of that instant (RULES 10). */
  readonly pricedAt: Instant | null;
}

/** What is true now, and when that changes by itself. */
export interface Reading {
  readonly verdicts: readonly Verdict[];
  readonly nextAt: Instant | null;
}

/** The terms of a type at an instant. */
export type TermsAt = (type: string, at: Instant) => OutcomeTerms | undefined;

/** Reads the facts of a case, for every type that was claimed in it. */
export function read(facts: readonly CaseFact[], termsAt: TermsAt, now: Instant): Reading {
  const disputes = facts.filter((fact) => fact.kind === "dispute");
  const happenings = facts.filter((fact): fact is Happening => fact.kind !== "dispute");
  // What is repeated, and what was only tried, says nothing new about a case.
  const isApart = (fact: Happening): boolean =>
    fact.kind === "claim" && (fact.isTest || fact.duplicateOf !== null);
  const verdicts: Verdict[] = happenings.flatMap((claim) =>
    claim.kind !== "claim" || !isApart(claim)
      ? []
      : {
          claim,
          status: "not_billable",
          reason: claim.isTest ? "test_traffic" : "duplicate_evidence",
          billedAt: null,
          pricedAt: null,
        },
  );
  const rest = happenings.filter((fact) => !isApart(fact));
  const types = new Set(rest.flatMap((fact) => (fact.kind === "claim" ? [fact.type] : [])));
  let nextAt: Instant | null = null;
  for (const type of types) {
    const termsOf = (at: Instant): OutcomeTerms | undefined => termsAt(type, at);
    const linkMs = ({ at }: Happening): number => linkMsOf(termsOf(at));
    const walked = (known: readonly Happening[]): Walk => {
      const walk = new Walk(type, { termsOf, disputes });
      for (const fact of known) walk.on(fact);
      return walk;
    };
    const episodes = withUnnamedSignals(
      episodesOf(rest, linkMs),
      (claim) => claim.type === type,
      (before, { at }) => walked(before).inHand(at),
    );
    for (const episode of episodes) {
      const walk = walked(episode);
      const { nextAt: next } = walk.end(now);
      if (next !== null && (nextAt === null || next < nextAt)) nextAt = next;
      verdicts.push(...walk.verdicts());
    }
  }
  return { verdicts, nextAt };
}

const linkMsOf = (terms: OutcomeTerms | undefined): number =>
  terms?.kind === "conversation" ? terms.linkMs : 0;

/** One case of one type, walked through in order of time. */
class Walk {
  readonly #type: string;
  readonly #termsOf: (at: Instant) => OutcomeTerms | undefined;
  readonly #disputes: readonly Dispute[];
  readonly #verdicts = new Map<string, Verdict>();
  /** The claim that may still mature, and since when it rests. */
  #claimed: { readonly claim: Claim; readonly since: Instant } | undefined;
  #billed: { readonly claim: Claim; readonly at: Instant } | undefined;
  /** Conversations that a person took over, or that left somebody discontent. */
  readonly #spoilt = new Map<string, OutcomeReason>();

  constructor(
    type: string,
    around: {
      readonly termsOf: (at: Instant) => OutcomeTerms | undefined;
      readonly disputes: readonly Dispute[];
    },
  ) {
    this.#type = type;
    this.#termsOf = around.termsOf;
    this.#disputes = around.disputes;
  }

  on(fact: Happening): void {
    this.#mature(fact.at);
    switch (fact.kind) {
      case "contact":
        return this.#contact(fact.at, "contacted_again");
      case "handover":
        return this.#spoil(fact, "human_took_over");
      case "negative_feedback":
        return this.#spoil(fact, "negative_feedback");
      case "claim":
        return this.#claim(fact);
      case "confirmation":
        return this.#confirm(fact);
      case "reopening":
        // Of another type of the case it is contact like any other.
        if (!this.#verdicts.has(fact.outcome)) return this.#contact(fact.at, "contacted_again");
        this.#void("reopened");
        return this.#contact(fact.at, "reopened");
    }
  }

  /** What the case comes to now. */
  end(now: Instant): { readonly nextAt: Instant | null } {
    this.#mature(now);
    const at = this.#claimed === undefined ? Infinity : this.#maturesAt(this.#claimed);
    return { nextAt: at === Infinity ? null : instant(at) };
  }

  /** The claim that contact at an instant would touch. */
  inHand(at: Instant): Claim | undefined {
    this.#mature(at);
    if (this.#claimed !== undefined) return this.#claimed.claim;
    return this.#billed !== undefined && this.#isOpen(this.#billed, at)
      ? this.#billed.claim
      : undefined;
  }

  verdicts(): readonly Verdict[] {
    return [...this.#verdicts.values()];
  }

  #claim(claim: Claim): void {
    const { conversation, at } = claim;
    const inHand = this.#claimed?.claim ?? this.#billed?.claim;
    const isAgain = inHand !== undefined && inHand.conversation !== conversation;
    if (isAgain) this.#contact(at, "contacted_again");
    if (claim.type !== this.#type) return;
    const reason = this.#fault(claim);
    if (reason !== null) return this.#judge(claim, "not_billable", { reason });
    if (this.#billed !== undefined) return this.#judge(claim, "superseded");
    if (this.#claimed !== undefined) this.#judge(this.#claimed.claim, "superseded");
    this.#claimed = { claim, since: at };
    this.#judge(claim, "claimed");
    this.#mature(at);
  }

  /** Why a claim is none, whatever happens after it. */
  #fault(claim: Claim): OutcomeReason | null {
    const isUpheld = this.#disputes.some(
      (one) => one.outcome === claim.outcome && one.resolution === "upheld",
    );
    if (isUpheld) return "dispute_upheld";
    if (claim.isTrial) return "trial";
    if (!claim.isSubstantive) return "not_substantive";
    return this.#spoilt.get(claim.conversation ?? "") ?? null;
  }

  #confirm({ outcome, at }: Confirmation): void {
    const named = this.#verdicts.get(outcome);
    if (named === undefined || this.#billed !== undefined) return;
    const isOpen = named.status === "claimed" || named.status === "superseded";
    if (isOpen && this.#claimed !== undefined) return this.#bill(this.#claimed.claim, at, at);
    // Who came back and is content after all says so: the case is billed again.
    const isBack = named.reason === "contacted_again" || named.reason === "reopened";
    if (isBack && this.#claimed === undefined) this.#bill(named.claim, at, at);
  }

  #spoil(
    { at, conversation }: { readonly at: Instant; readonly conversation: string | null },
    reason: OutcomeReason,
  ): void {
    if (conversation !== null) this.#spoilt.set(conversation, reason);
    this.#void(reason);
    this.#contact(at, reason);
  }

  #void(reason: OutcomeReason): void {
    if (this.#claimed === undefined) return;
    this.#judge(this.#claimed.claim, "not_billable", { reason });
    this.#claimed = undefined;
  }

  #contact(at: Instant, reason: OutcomeReason): void {
    if (this.#claimed !== undefined) this.#claimed = { ...this.#claimed, since: at };
    if (this.#billed === undefined) return;
    const { claim, at: billedAt } = this.#billed;
    if (!this.#isOpen(this.#billed, at)) return;
    this.#judge(claim, "reversed", { reason, billedAt });
    this.#billed = undefined;
  }

  /** Whether the reopen window of what is billed still runs. */
  #isOpen(
    { claim, at: billedAt }: { readonly claim: Claim; readonly at: Instant },
    at: Instant,
  ): boolean {
    return at < billedAt + (this.#termsOf(claim.at)?.reopenMs ?? 0);
  }

  /** What has rested long enough by an instant is billed since the moment when it had. */
  #mature(until: Instant): void {
    if (this.#claimed === undefined) return;
    const at = this.#maturesAt(this.#claimed);
    if (at > until) return;
    const isAtOnce = at === this.#claimed.claim.at;
    this.#bill(this.#claimed.claim, instant(at), instant(isAtOnce ? at : at - 1));
  }

  #maturesAt({ claim, since }: { readonly claim: Claim; readonly since: Instant }): number {
    const terms = this.#termsOf(claim.at);
    if (terms?.kind === "conversation") return since + terms.maturityMs[claim.channel ?? "chat"];
    return terms === undefined || terms.needsConfirmation ? Infinity : since;
  }

  /** A dispute that waits holds it back, unless it is invoiced: what happens to it later is the same. */
  #bill(claim: Claim, at: Instant, pricedAt: Instant): void {
    const isHeldBack = this.#disputes.some(
      ({ outcome, resolution, takesOff, at: raisedAt }) =>
        outcome === claim.outcome && resolution === null && (takesOff === true || raisedAt < at),
    );
    this.#judge(claim, isHeldBack ? "disputed" : "billed", { billedAt: at, pricedAt });
    this.#claimed = undefined;
    this.#billed = { claim, at };
  }

  #judge(
    claim: Claim,
    status: OutcomeStatus,
    more: Partial<Pick<Verdict, "reason" | "billedAt" | "pricedAt">> = {},
  ): void {
    const none = { reason: null, billedAt: null, pricedAt: null };
    this.#verdicts.set(claim.outcome, { claim, status, ...none, ...more });
  }
}
