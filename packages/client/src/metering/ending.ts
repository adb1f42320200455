// Owns: how a metered call ends, from what was seen of it. Every collector and the gateway come here.
// E1: what was delivered is settled, never released. E2: the provider's own figures win; what is reckoned is flagged. E3: a call of which
// nothing was delivered is released, unless the caller stopped it: the provider had its input then. E4: there is always an ending.
import type { Outcome, Usage } from "@cistern/contract";
import { addUsage, inputOf, outputOf, totalOf, withoutZeros } from "./buckets.ts";

/** What was seen of an answer. */
export interface Evidence {
  /** What the provider said was used; undefined: it said nothing. */
  readonly usage: Usage | undefined;
  /** The provider may still have counted on: an answer that was cut off after this has used more. */
  readonly isUsageRunning: boolean;
  /** What came out, reckoned from what passed. */
  readonly delivered: Usage;
  /** The end of the answer was seen, whatever the connection did after it. */
  readonly isWhole: boolean;
  /** Something came out that no bucket counts, such as a part of a vector. */
  readonly hasBegun?: boolean;
  /** The provider said in the middle of its answer that it failed: who stops reading then has not stopped it. */
  readonly hasFailed?: boolean;
  /** The provider's id of the answer. */
  readonly response: string | undefined;
  /** The model that answered, by the provider's word. */
  readonly model: string | undefined;
}

/** Nothing was seen. */
export const nothingSeen: Evidence = {
  usage: undefined,
  isUsageRunning: false,
  delivered: {},
  isWhole: false,
  response: undefined,
  model: undefined,
};

/** What was seen of an answer in one piece that was cut off: whatever stood in it, it was not whole. */
export const cutOff = (seen: Evidence): Evidence => ({
  ...seen,
  isWhole: false,
  hasBegun: seen.isWhole,
});

/**
 * How the exchange stopped: its answer ended by itself; whoever asked stopped it; the connection, or the provider in the middle of its
 * answer, failed; or the provider refused the call.
 */
export type Stop = "ended" | "cancelled" | "broken" | "refused";

/** What becomes of the hold. */
export type Ending =
  | { readonly kind: "release" }
  | {
      readonly kind: "settle";
      readonly usage: Usage;
      readonly outcome: Outcome;
      /** The usage is reckoned, in whole or in part. */
      readonly isEstimated: boolean;
    };

/**
 * The one right end of a call.
 *
 * @param input what the request put in, reckoned before it was sent: it counts where the provider says nothing
 * @param how the exchange stopped
 * @example endingOf(evidence, { input_text: 1200 }, "cancelled") // settle: what went in and what came out, estimated
 */
export function endingOf(evidence: Evidence, input: Usage, how: Stop): Ending {
  const { usage, delivered, isWhole, isUsageRunning } = evidence;
  const stop = how === "cancelled" && evidence.hasFailed === true ? "broken" : how;
  const isTold = usage !== undefined && !isUsageRunning;
  if (isWhole && isTold)
    return { kind: "settle", usage: withoutZeros(usage), outcome: "delivered", isEstimated: false };
  const seen = addUsage(inputSeen(usage, input), outputSeen(usage, delivered));
  if (isWhole) return reckoned(seen, "delivered");
  const hasOutput =
    evidence.hasBegun === true || totalOf(delivered) > 0 || totalOf(outputOf(usage ?? {})) > 0;
  if (!hasOutput && stop !== "cancelled" && !isTold) return { kind: "release" };
  const outcome = stop === "cancelled" ? "cancelled" : "partial";
  if (isTold) return { kind: "settle", usage: withoutZeros(usage), outcome, isEstimated: false };
  return reckoned(seen, outcome);
}

function reckoned(usage: Usage, outcome: Outcome): Ending {
  return { kind: "settle", usage: withoutZeros(usage), outcome, isEstimated: true };
}

/** The provider's word on what went in, where it gave one before the end. */
function inputSeen(usage: Usage | undefined, input: Usage): Usage {
  const told = inputOf(usage ?? {});
  return totalOf(told) > 0 ? told : input;
}

/** A running count lags behind what has passed, or runs ahead of it by what was not shown, such as reasoning: the higher counts. */
function outputSeen(usage: Usage | undefined, delivered: Usage): Usage {
  const told = outputOf(usage ?? {});
  return totalOf(told) > totalOf(delivered) ? told : delivered;
}
