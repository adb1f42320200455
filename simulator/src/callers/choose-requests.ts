/** Owns how callers ask for more than a limit gives, or for reserved credits, and how that is answered. */
import { type Command, credits } from "@cistern/kernel";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";

/** A request, or the answer to one that somebody heard of. */
export function chooseRequest(choosing: Choosing): Choice {
  const { chance, known } = choosing;
  const waiting = chance.pick(known.requests.slice(-3));
  if (waiting !== undefined && chance.happens(0.6)) {
    // Whoever comes later may hear of it still, and is refused.
    if (chance.happens(0.7)) known.forget(waiting);
    return keyed(answer(choosing, waiting));
  }
  const isOfReserve = known.isShared && chance.happens(0.4);
  const cap = isOfReserve ? undefined : chance.pick([...known.caps]);
  const [limit, owner] = cap ?? [null, null];
  return keyed({
    kind: "requestCredits",
    request: "",
    member: owner ?? chance.pick(members),
    limit,
    credits: credits(BigInt(chance.between(1, limit === null ? 3 : 300)) * 1_000_000n),
    ttlMs: chance.pick([500, 5_000, 3_600_000, 604_800_000] as const),
  });
}

/** By an owner, by a lead, or by somebody who may not. */
function answer({ chance, known }: Choosing, request: string): Command {
  const by = chance.pick(["kim", "ana", "ben"] as const);
  if (chance.happens(0.15)) return { kind: "declineRequest", request, by };
  const isGift = known.isShared && chance.happens(0.4);
  const as = isGift ? "gift" : chance.pick(["once", "once", "period", "limit"] as const);
  const most = isGift ? 2 : 200;
  return {
    kind: "approveRequest",
    request,
    by,
    as,
    credits: chance.happens(0.5) ? null : credits(BigInt(chance.between(1, most)) * 1_000_000n),
    from: isGift && chance.happens(0.7) ? chance.pick(members) : null,
  };
}
