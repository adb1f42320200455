/**
 * Owns what is asked again when a past is replayed: each fact that somebody brought about, as the commands that would bring it about now.
 * Usage is asked in the credits that it came to, so no price is looked up a second time.
 */
import {
  type Command,
  type Event,
  type Instant,
  type Lot,
  credits,
  noCredits,
} from "@cistern/kernel";
import { openedRun, raisedRun, rulesAgain } from "./replayed-rules.ts";

/** Of a fact: nothing to ask, since it happens by itself or does not touch what is shared; or `left_out`, since it cannot be asked again. */
export type Replayed = readonly Command[] | "left_out";

/** The commands behind a fact. */
export function commandsBehind(event: Event): Replayed {
  if (isOfCall(event)) return ofCall(event);
  switch (event.kind) {
    case "member.updated":
      return [member(event.member)];
    case "member.deactivated":
      return [{ kind: "deactivateMember", member: event.member.id }];
    case "group.updated":
      return [{ kind: "putGroup", group: event.group.id, leads: event.group.leads ?? [] }];
    case "limit.updated": {
      const { id, scope, rule } = event.limit;
      return [{ kind: "putLimit", limit: id, scope, rule }];
    }
    case "limit.removed":
      return [{ kind: "removeLimit", limit: event.limit.id }];
    case "member_terms.updated": {
      const { member: of, guarantee, reach } = event.terms;
      return [
        { kind: "setGuarantee", member: of, credits: guarantee },
        { kind: "setReach", member: of, reach },
      ];
    }
    case "group_terms.updated": {
      const { group: to, guarantee } = event.terms;
      return [{ kind: "setGroupGuarantee", group: to, credits: guarantee }];
    }
    case "reserve.gifted": {
      const { gift, from, to, credits: given } = event;
      return [{ kind: "giftReserve", gift, from, to, credits: given }];
    }
    case "credits.granted":
    case "top_up.succeeded":
      return [event.lot, event.bonus].flatMap((lot) =>
        lot === undefined ? [] : granted(lot, event.at),
      );
    case "credits.revoked":
      return [{ kind: "revoke", grant: event.lot, credits: event.isWhole ? null : event.credits }];
    case "credits.repaid":
      return event.credits === 0n
        ? []
        : [{ kind: "revoke", grant: event.lot, credits: event.credits }];
    case "workspace.updated":
    case "limits.updated":
    case "policy.updated":
    case "policy.removed":
    case "policy.accepted":
    case "run.opened":
    case "run.raised":
    case "run.closed":
    case "credit_request.created":
    case "credit_request.approved":
    case "credit_request.declined":
    case "subscription.started":
    case "subscription.changed":
    case "subscription.updated":
    case "subscription.resumed":
    case "subscription.cancelled":
      return rulesAgain(event);
    case "seat.assigned":
      return [{ kind: "assignSeat", member: event.seat.member }];
    case "seat.released":
      return [{ kind: "releaseSeat", member: event.seat.member }];
    default:
      return leftOut.has(event.kind) ? "left_out" : [];
  }
}

/** What cannot be asked again of a workspace that went another way. */
const leftOut: ReadonlySet<Event["kind"]> = new Set(["credits.charged_back", "credits.escheated"]);

type OfCall = Extract<
  Event,
  {
    readonly kind:
      | "hold.opened"
      | "hold.extended"
      | "hold.settled"
      | "hold.released"
      | "usage.debited"
      | "usage.refunded";
  }
>;

const callKinds: ReadonlySet<Event["kind"]> = new Set([
  "hold.opened",
  "hold.extended",
  "hold.settled",
  "hold.released",
  "usage.debited",
  "usage.refunded",
]);

const isOfCall = (event: Event): event is OfCall => callKinds.has(event.kind);

function ofCall(event: OfCall): readonly Command[] {
  const none = { recalled: null, fingerprint: null } as const;
  switch (event.kind) {
    case "hold.opened":
      // A run is opened without its purse: its calls are asked of the pool each.
      if (event.opens !== undefined) return [openedRun(event.opens)];
      return [
        {
          kind: "openHold",
          hold: event.hold,
          member: event.path.member,
          meter: event.meter,
          model: event.model,
          amount: { kind: "credits", credits: event.credits },
          ttlMs: event.expiresAt - event.at,
          run: event.runs?.[0]?.id ?? null,
          project: event.project,
          attributes: event.attributes,
        },
      ];
    case "hold.extended":
      if (event.raises !== undefined) return [raisedRun(event.raises.run, event.at)];
      return [
        {
          kind: "extendHold",
          hold: event.hold,
          credits: event.credits,
          ttlMs: event.expiresAt > event.at ? event.expiresAt - event.at : null,
          recalled: null,
        },
      ];
    case "hold.settled":
      return [
        {
          kind: "settleHold",
          hold: event.hold,
          amount: { kind: "credits", credits: event.charged },
          outcome: null,
          isFinal: event.isFinal,
          ...none,
        },
      ];
    case "hold.released":
      return [{ kind: "releaseHold", hold: event.hold, ...none }];
    case "usage.debited":
      return [
        {
          kind: "debit",
          debit: event.debit,
          member: event.path.member,
          meter: event.over === undefined ? event.meter : null,
          model: event.model,
          amount: { kind: "credits", credits: event.charged },
          occurredAt: event.occurredAt,
          run: event.runs?.[0]?.id ?? null,
          project: event.project,
          attributes: event.attributes,
        },
      ];
    case "usage.refunded":
      return event.credits === 0n
        ? []
        : [
            {
              kind: "refund",
              refund: event.refund,
              of: event.of,
              credits: event.credits,
              reason: null,
              recalled: null,
            },
          ];
  }
}

function member({
  id,
  kind,
  groups,
  home,
  sponsor,
}: Extract<Event, { readonly kind: "member.updated" }>["member"]): Command {
  return { kind: "putMember", member: id, memberKind: kind, groups, home, sponsor };
}

/** The same credits for the same time; money has no part in sharing. */
function granted(lot: Lot, at: Instant): readonly Command[] {
  if (lot.granted === noCredits) return [];
  const { id, source, priority, effectiveAt, expiresAt, appliesTo } = lot;
  const command = {
    kind: "grant",
    grant: id,
    credits: credits(lot.granted),
    source,
    cost: lot.cost,
    currency: null,
    priority,
    effectiveAt: effectiveAt > at ? effectiveAt : null,
    expiresAt,
    appliesTo,
    reference: null,
  } as const;
  return [command];
}
