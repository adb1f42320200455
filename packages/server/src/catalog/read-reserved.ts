/** Owns what a plan of a catalog says of capacity that is reserved. */
import { type Rate, parseCredits, parseDuration } from "@cistern/contract";
import type { RateLimitRule, ReservedCapacity } from "@cistern/kernel";
import { type Amounts, minor } from "./plan-amounts.ts";
import type { ReservedForm } from "./plan-form.ts";

/** Reads the fee, the rate and the share. */
export function readReserved(form: ReservedForm, path: string, reader: Amounts): ReservedCapacity {
  const { group = null, share = "0" } = form;
  const shareBps = Number(minor(share, 2) ?? 0n);
  if (group === null && form.share !== undefined)
    reader.tell({
      path: `${path}/share`,
      restsOn: [path],
      message: "is set aside for a group, and none is named (group)",
    });
  const rate = rateOf(form.rate);
  if (rate.perMs <= 0) reader.tell({ path: `${path}/rate/per`, message: "is more than nothing" });
  return { fee: reader.fee(form, path), rate, shareBps, group };
}

/** Reads a rate. */
export function rateOf(rate: Rate): RateLimitRule {
  const perMs = parseDuration(rate.per);
  if ("requests" in rate) {
    const { requests, burst = requests } = rate;
    const quantity = BigInt(requests);
    return { kind: "rate", unit: "requests", quantity, perMs, burst: BigInt(burst) };
  }
  const { credits, burst = credits } = rate;
  const quantity = parseCredits(credits);
  return { kind: "rate", unit: "credits", quantity, perMs, burst: parseCredits(burst) };
}
