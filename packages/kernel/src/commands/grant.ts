import { beyond, credits, creditsMax, least, minus, noCredits, noMoney, plus } from "../amount.ts";
import { datedBack } from "../closing/slice.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { Draft } from "../pool/draft.ts";
import { type Lot, type Restriction, afterTransfer } from "../pool/lot.ts";
import { hasMeter } from "../rating/rate-card.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Grant, Revoke } from "./command.ts";

/** Adds a lot; what it makes available pays debts first (RULES 12). */
export function grant(
  state: State,
  command: Grant,
  at: Instant,
  { rateCard }: Surroundings,
): Decision {
  const { currency } = workspaceOf(state) ?? { currency: "" };
  if (command.currency !== null && command.currency !== currency)
    return reject({ code: "currency_mismatch", given: command.currency, expected: currency });
  if (command.credits === 0n)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A grant adds more than 0 credits.",
    });
  if (state.pool.totals.granted + command.credits > creditsMax)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A workspace is granted at most 10^12 credits in all.",
    });
  if (command.cost < 0n)
    return reject({
      code: "invalid_request",
      field: "cost",
      reason: "A grant's cost is not negative.",
    });
  const effectiveAt = command.effectiveAt ?? at;
  if (command.expiresAt !== null && command.expiresAt <= (effectiveAt > at ? effectiveAt : at))
    return reject({
      code: "invalid_request",
      field: "expiresAt",
      reason: "A grant expires after it is effective, and in the future.",
    });
  const { createdAt } = workspaceOf(state) ?? { createdAt: at };
  const dated = datedBack(state.closing, { effectiveAt, createdAt, at });
  if (dated.kind === "closed") return reject(dated.rejection);
  const meter = command.appliesTo?.meters?.find((id) => !hasMeter(rateCard, id));
  if (meter !== undefined) return reject({ code: "unknown_meter", meter });
  const group = command.appliesTo?.groups?.find((id) => state.members.groups.get(id) === undefined);
  if (group !== undefined) return reject({ code: "unknown_group", group });
  const lot = lotOf(command, at, effectiveAt);
  const draft = new Draft(state.pool);
  draft.put(lot);
  if (lot.phase === "live") draft.payDebts();
  const { transfers, balance } = draft.finish();
  // What pays debt recognises revenue, and that is done now (RULES 12).
  const isDatedBack = dated.postedAt !== undefined && transfers.length === 0;
  const posted = isDatedBack ? { postedAt: dated.postedAt } : {};
  return accept({ kind: "credits.granted", at, ...posted, lot, transfers, balance });
}

/** Takes credits back; what is held follows when it returns (RULES 9). */
export function revoke(state: State, command: Revoke, at: Instant): Decision {
  const lot = state.pool.lots.get(command.grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant: command.grant });
  const isOver = lot.phase === "expired" || lot.phase === "revoked";
  const left = isOver ? noCredits : plus(lot.available, beyond(lot.held, lot.owedRevoke));
  const asked = command.credits ?? left;
  if (asked === 0n && command.credits !== null)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "A revoke takes more than 0 credits.",
    });
  if (isOver || asked > left) return reject({ code: "revoke_exceeds_grant", grant: lot.id, left });
  const now = least(asked, lot.available);
  const owed = minus(asked, now);
  const draft = new Draft(state.pool);
  const isWhole = command.credits === null;
  const marked: Lot = isWhole
    ? { ...lot, phase: "revoked", owedRevoke: noCredits }
    : { ...lot, owedRevoke: credits(lot.owedRevoke + owed) };
  draft.put(marked);
  draft.move(lot.id, "available", "revoked", now);
  const { transfers, balance } = draft.finish();
  return accept({
    kind: "credits.revoked",
    at,
    lot: lot.id,
    credits: now,
    owed,
    isWhole,
    left: transfers.reduce(afterTransfer, marked),
    transfers,
    balance,
  });
}

/** A restriction that names nothing restricts nothing. */
const isRestricting = ({ members, groups, meters }: Restriction): boolean =>
  members !== undefined || groups !== undefined || meters !== undefined;

const lotOf = (command: Grant, at: Instant, effectiveAt: Instant): Lot => ({
  id: command.grant,
  source: command.source,
  priority: command.priority,
  granted: command.credits,
  available: command.credits,
  held: noCredits,
  consumed: noCredits,
  expired: noCredits,
  revoked: noCredits,
  moved: noCredits,
  cost: command.cost,
  posted: { consumed: noMoney, moved: noMoney, revoked: noMoney, expired: noMoney },
  grantedAt: at,
  effectiveAt,
  expiresAt: command.expiresAt,
  appliesTo:
    command.appliesTo !== null && isRestricting(command.appliesTo) ? command.appliesTo : null,
  phase: effectiveAt > at ? "pending" : "live",
  owedRevoke: noCredits,
  reference: command.reference,
});
