/** Owns how callers ask for more than a limit gives, and how that is answered. */
import { credits } from "@cistern/kernel";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";

/** A request, or the answer to one that somebody heard of; undefined where no limit is known. */
export function chooseRequest({ chance, known }: Choosing): Choice | undefined {
  const waiting = chance.pick(known.requests);
  if (waiting !== undefined && chance.happens(0.6)) {
    if (chance.happens(0.15)) return keyed({ kind: "declineRequest", request: waiting, by: "kim" });
    const given = chance.happens(0.5) ? null : credits(BigInt(chance.between(1, 200)) * 1_000_000n);
    const as = chance.pick(["once", "once", "period", "limit"] as const);
    return keyed({
      kind: "approveRequest",
      request: waiting,
      by: "kim",
      as,
      credits: given,
      from: null,
    });
  }
  const limit = chance.pick([...known.limits]);
  if (limit === undefined) return undefined;
  return keyed({
    kind: "requestCredits",
    request: "",
    member: chance.pick(members),
    limit,
    credits: credits(BigInt(chance.between(1, 300)) * 1_000_000n),
    ttlMs: chance.pick([500, 5_000, 3_600_000, 604_800_000] as const),
  });
}
