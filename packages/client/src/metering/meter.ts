// Owns: metering work that no SDK's hook reaches, such as speech, transcription, video and ranking.
import type { Usage } from "@cistern/contract";
import type { Collector } from "./collector.ts";
import { quantityAt } from "../providers/json.ts";
import { nothingSeen } from "./ending.ts";
import type { MeteredKind } from "./metered-request.ts";

/** Work to be metered. */
export interface Work {
  readonly kind: MeteredKind;
  /** The catalog's meter where it is not the kind's, such as `search`. */
  readonly meter?: string;
  readonly model?: string;
  /** What to hold, and what it is charged where nobody says what was used. */
  readonly estimate: Usage;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What is known of work when it is done. */
export interface MeterOptions<Result> {
  /**
   * What it used, begun units as whole ones; undefined, or with a figure that is no quantity: unknown, so that the estimate is charged and flagged
   * as one.
   */
  readonly spent?: (result: Result) => Usage | undefined;
  /** Aborted by the caller who gives up: work that then throws was stopped, and what it put in is charged. */
  readonly signal?: AbortSignal;
}

/**
 * Asks, works, settles; what throws is charged nothing, unless the caller stopped it.
 *
 * @throws CisternProblem, CisternUnavailable: nothing was done. Whatever the work throws, unchanged.
 * @example
 * const estimate = { seconds: 60 };
 * const spent = ({ durationInSeconds }) => ({ seconds: durationInSeconds });
 * const { text } = await meter(credits, { kind: "transcription", model, estimate }, () => transcribe({ model, audio }), { spent });
 */
export async function meter<Result>(
  collector: Collector,
  work: Work,
  run: () => PromiseLike<Result> | Result,
  { spent, signal }: MeterOptions<Result> = {},
): Promise<Result> {
  const call = await collector.open({ ...work, input: work.estimate }, signal);
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    call.end(nothingSeen, signal?.aborted === true ? "cancelled" : "broken");
    throw error;
  }
  let usage: Usage | undefined;
  try {
    usage = whole(spent?.(result));
  } finally {
    call.end({ ...nothingSeen, usage, isWhole: true }, "ended");
  }
  return result;
}

/** In units as they are charged: whatever measured it, such as a length of sound, may tell parts of one. */
function whole(usage: Usage | undefined): Usage | undefined {
  const units: Record<string, number> = {};
  for (const bucket of Object.keys(usage ?? {})) {
    const quantity = quantityAt(usage, bucket);
    if (quantity === undefined) return undefined;
    units[bucket] = quantity;
  }
  return usage === undefined ? undefined : units;
}
