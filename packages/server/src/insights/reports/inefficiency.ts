/**
 * Owns where credits go for little: calls that failed, that were tried again, that did not find their cache, and models larger
 * than the answers need. All of it are hints: the fold sees what calls used and not what they were for.
 *
 * I1 a call is one however many parts settled it. I2 a retry has the member, meter, project and attributes of a call that failed
 * or was stopped at most ten minutes before; calls without attributes say no action, and are not judged. I3 of a meter with a
 * bucket `cache_read`, what is in `input_text` was not found in a cache; told where that is half of both or more. I4 a model is larger
 * than needed where its answers of at most 300 `output_text` cost, by the prices of now, more than three times what the cheapest model
 * that was used in the meter costs for the same usage. I5 amounts are exact sums of single calls.
 */
import type { Outcome, Usage } from "@cistern/kernel";

/** A part of a call, in order of time. */
export interface CallPart {
  readonly id: string;
  readonly atMs: number;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly usage: Usage | null;
  readonly credits: bigint;
  /** More of it is to come. */
  readonly isPart: boolean;
  readonly outcome: Outcome | null;
  /** It went by a row of a rate card. */
  readonly isPriced: boolean;
  readonly isUnrated: boolean;
  readonly isLate: boolean;
}

/** What prices say, and which models are in use. */
export interface Priced {
  /** By the prices of now; undefined where none fits. */
  cost(meter: string, model: string, usage: Usage): bigint | undefined;
  /** The cheapest model that was used in a meter. */
  cheapest(meter: string): string | undefined;
  hasCache(meter: string): boolean;
}

/** What went wrong with calls. */
export type FailureKind = "failed" | "cancelled" | "partial" | "no_usage" | "unrated" | "late";

/** One hint, with its numbers. `saves`: credits, at most. */
export type Hint =
  | {
      readonly kind: "failed_calls";
      readonly meter: string;
      readonly model: string;
      readonly failure: FailureKind;
      readonly calls: number;
      /** Of so many of this meter and model. */
      readonly ofCalls: number;
      readonly credits: bigint;
      readonly saves: bigint;
    }
  | {
      readonly kind: "retries";
      readonly meter: string;
      readonly member: string;
      readonly calls: number;
      readonly credits: bigint;
      readonly saves: bigint;
    }
  | {
      readonly kind: "cache_misses";
      readonly meter: string;
      readonly model: string;
      readonly calls: number;
      readonly missed: bigint;
      readonly found: bigint;
      readonly credits: bigint;
      readonly saves: bigint;
    }
  | {
      readonly kind: "larger_model";
      readonly meter: string;
      readonly model: string;
      readonly cheaper: string;
      readonly calls: number;
      readonly credits: bigint;
      /** Of the same calls by the prices of now, on this model and on the cheaper one. */
      readonly own: bigint;
      readonly other: bigint;
      readonly saves: bigint;
    };

/** Answers up to so many units of `output_text` are short. */
export const shortOutputMax = 300;
/** A model that costs more than so many times the cheapest is larger. */
export const largerTimes = 3n;
/** A call that comes so soon after one that failed may be its retry. */
export const retryWithinMs: number = 10 * 60 * 1_000;

/** A fold over the calls of a span. Mutable: one for each report. */
export class Inefficiency {
  readonly #priced: Priced;
  readonly #parts = new Map<string, { usage: Record<string, number>; credits: bigint }>();
  readonly #calls = new Map<string, number>();
  readonly #failures = new Map<string, Extract<Hint, { kind: "failed_calls" }>>();
  readonly #failedAt = new Map<string, number>();
  readonly #retries = new Map<string, Extract<Hint, { kind: "retries" }>>();
  readonly #caches = new Map<string, Extract<Hint, { kind: "cache_misses" }>>();
  readonly #larger = new Map<string, Extract<Hint, { kind: "larger_model" }>>();

  constructor(priced: Priced) {
    this.#priced = priced;
  }

  add(part: CallPart): void {
    const whole = this.#whole(part);
    if (whole === undefined || whole.meter === null) return;
    const call = { ...whole, meter: whole.meter };
    const name = nameOf(call.meter, call.model ?? "");
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
    this.#addFailures(call, name);
    this.#addRetry(call);
    if (call.usage === null || call.model === null) return;
    const rated = { ...call, usage: call.usage, model: call.model };
    this.#addCache(rated, name);
    this.#addLarger(rated, name);
  }

  /** All hints, those first that may save most. */
  hints(): readonly Hint[] {
    const failures = [...this.#failures.values()].map((one) => ({
      ...one,
      ofCalls: this.#calls.get(nameOf(one.meter, one.model)) ?? 0,
    }));
    const caches = [...this.#caches.values()].filter(
      ({ missed, found }) => missed > 0n && missed >= found,
    );
    const larger = [...this.#larger.values()]
      .filter(({ own, other }) => own > largerTimes * other)
      .map((one) => ({ ...one, saves: one.own - one.other }));
    return [...failures, ...this.#retries.values(), ...caches, ...larger].toSorted((a, b) =>
      a.saves === b.saves ? (hintId(a) < hintId(b) ? -1 : 1) : a.saves < b.saves ? 1 : -1,
    );
  }

  /** I1: parts are added up; undefined until the last one. */
  #whole(part: CallPart): CallPart | undefined {
    const before = this.#parts.get(part.id);
    if (before === undefined && !part.isPart) return part;
    const usage = { ...before?.usage };
    for (const [bucket, units] of Object.entries(part.usage ?? {}))
      usage[bucket] = (usage[bucket] ?? 0) + units;
    const credits = (before?.credits ?? 0n) + part.credits;
    if (part.isPart) {
      this.#parts.set(part.id, { usage, credits });
      return undefined;
    }
    this.#parts.delete(part.id);
    return { ...part, credits, usage: Object.keys(usage).length === 0 ? part.usage : usage };
  }

  #addFailures(call: CallPart & { readonly meter: string }, name: string): void {
    const failure = failureOf(call);
    if (failure === undefined) return;
    const key = `${name} ${failure}`;
    const before = this.#failures.get(key);
    const credits = (before?.credits ?? 0n) + call.credits;
    this.#failures.set(key, {
      kind: "failed_calls",
      meter: call.meter,
      model: call.model ?? "",
      failure,
      calls: (before?.calls ?? 0) + 1,
      ofCalls: 0,
      credits,
      // What was delivered in part, late or without figures may have been worth its credits.
      saves: failure === "failed" || failure === "cancelled" ? credits : 0n,
    });
  }

  #addRetry(call: CallPart & { readonly meter: string }): void {
    const { member, meter, project, attributes, atMs, outcome, credits } = call;
    const said = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (said.length === 0) return;
    const action = JSON.stringify([member, meter, project, said]);
    const failedAt = this.#failedAt.get(action);
    if (failedAt !== undefined && atMs - failedAt <= retryWithinMs) {
      const key = nameOf(meter, member);
      const before = this.#retries.get(key);
      const sum = (before?.credits ?? 0n) + credits;
      const calls = (before?.calls ?? 0) + 1;
      this.#retries.set(key, { kind: "retries", meter, member, calls, credits: sum, saves: sum });
    }
    if (outcome === "failed" || outcome === "cancelled" || outcome === "partial")
      this.#failedAt.set(action, atMs);
    else this.#failedAt.delete(action);
  }

  #addCache(call: RatedCall, name: string): void {
    const { meter, model, usage, credits } = call;
    if (!this.#priced.hasCache(meter)) return;
    const { input_text: missed = 0, cache_read: found = 0 } = usage;
    const dear = this.#priced.cost(meter, model, { input_text: missed });
    const cheap = this.#priced.cost(meter, model, { cache_read: missed });
    const saves = dear === undefined || cheap === undefined || cheap > dear ? 0n : dear - cheap;
    const before = this.#caches.get(name);
    this.#caches.set(name, {
      kind: "cache_misses",
      meter,
      model,
      calls: (before?.calls ?? 0) + 1,
      missed: (before?.missed ?? 0n) + BigInt(missed),
      found: (before?.found ?? 0n) + BigInt(found),
      credits: (before?.credits ?? 0n) + credits,
      saves: (before?.saves ?? 0n) + saves,
    });
  }

  #addLarger(call: RatedCall, name: string): void {
    const { meter, model, usage, credits, outcome } = call;
    const { output_text: output = 0 } = usage;
    const cheaper = this.#priced.cheapest(meter);
    const isWhole = outcome === null || outcome === "delivered";
    if (output === 0 || output > shortOutputMax || !isWhole) return;
    if (cheaper === undefined || cheaper === model) return;
    const own = this.#priced.cost(meter, model, usage);
    const other = this.#priced.cost(meter, cheaper, usage);
    if (own === undefined || other === undefined) return;
    const before = this.#larger.get(name);
    this.#larger.set(name, {
      kind: "larger_model",
      meter,
      model,
      cheaper,
      calls: (before?.calls ?? 0) + 1,
      credits: (before?.credits ?? 0n) + credits,
      own: (before?.own ?? 0n) + own,
      other: (before?.other ?? 0n) + other,
      saves: 0n,
    });
  }
}

/** What a hint is of: the same in every report of a span. */
export function hintId(hint: Hint): string {
  const of = hint.kind === "retries" ? hint.member : hint.model;
  return [hint.kind, hint.meter, of, hint.kind === "failed_calls" ? hint.failure : ""].join("|");
}

type RatedCall = CallPart & {
  readonly meter: string;
  readonly model: string;
  readonly usage: Usage;
};

function failureOf({
  outcome,
  usage,
  isPriced,
  isUnrated,
  isLate,
}: CallPart): FailureKind | undefined {
  if (outcome !== null && outcome !== "delivered") return outcome;
  if (isUnrated) return "unrated";
  if (isPriced && usage === null) return "no_usage";
  return isLate ? "late" : undefined;
}

const nameOf = (meter: string, of: string): string => JSON.stringify([meter, of]);
