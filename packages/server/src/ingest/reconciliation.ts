/**
 * Owns how what somebody else saw is compared with what was settled.
 *
 * N1 an observation and a settlement are of one call where both name the provider's answer alike. N2 they tell the same where all that
 * went in and all that came out is the same: a price that does not tell cached from other input is no difference. N3 of one answer
 * everything that was settled counts together.
 */
import type { Usage } from "@cistern/contract";
import type { Observations, Observed, Settled, SettledAt, TimeSpan } from "./observations.ts";

/** What a comparison can find. */
export type Finding =
  | { readonly kind: "different"; readonly observed: Observed; readonly settled: Together }
  /** Somebody saw it, and nobody settled it: usage that was never paid. */
  | { readonly kind: "unsettled"; readonly observed: Observed }
  /** It tells no usage, such as a stream that was given up. */
  | { readonly kind: "unmeasured"; readonly observed: Observed; readonly settled: Together }
  /** It names no answer, so that it is not known whether it was settled. */
  | { readonly kind: "unnamed"; readonly observed: Observed }
  /** It was settled, and nobody saw it. */
  | { readonly kind: "unobserved"; readonly settlement: SettledAt };

/** All that was settled of one answer (N3). */
export interface Together {
  readonly ids: readonly string[];
  readonly credits: bigint;
  readonly usage: Usage;
  /** Some of it was reckoned by the caller. */
  readonly isEstimated: boolean;
}

/** What a comparison comes to. */
export interface Compared {
  readonly observed: number;
  readonly equal: number;
  /** Settlements of a model that name an answer; and those that name none. */
  readonly settled: number;
  readonly settledUnnamed: number;
  /** All but what is equal, by time. */
  readonly findings: readonly Finding[];
}

/** Compares all of a span of time; undefined: it has more calls than that. */
export async function reconcile(
  observations: Observations,
  workspaceId: string,
  { span, callsMax }: { readonly span: TimeSpan; readonly callsMax: number },
): Promise<Compared | undefined> {
  const counted = { observed: 0, equal: 0, settled: 0, settledUnnamed: 0 };
  const findings: Finding[] = [];
  for await (const page of observations.observed(workspaceId, span)) {
    counted.observed += page.length;
    if (counted.observed > callsMax) return undefined;
    const answers = [...new Set(page.flatMap(({ response }) => response ?? []))];
    const settled = Map.groupBy(
      await observations.settledOf(workspaceId, answers),
      ({ response }) => response,
    );
    for (const one of page) {
      const finding = compare(one, one.response === null ? undefined : settled.get(one.response));
      if (finding === undefined) counted.equal += 1;
      else findings.push(finding);
    }
  }
  const seen = new Set<string>();
  for await (const page of observations.settledIn(workspaceId, span)) {
    for (const settlement of page) {
      const { response, isObserved, id } = settlement;
      if (seen.has(id)) continue;
      seen.add(id);
      if (response === null) counted.settledUnnamed += 1;
      else counted.settled += 1;
      if (response !== null && !isObserved) findings.push({ kind: "unobserved", settlement });
    }
    if (seen.size > callsMax) return undefined;
  }
  return { ...counted, findings: findings.toSorted((a, b) => atOf(a) - atOf(b)) };
}

/** undefined: they tell the same. */
function compare(observed: Observed, parts: readonly Settled[] | undefined): Finding | undefined {
  if (observed.response === null)
    return observed.isDebited ? undefined : { kind: "unnamed", observed };
  if (parts === undefined) return { kind: "unsettled", observed };
  const settled = together(parts);
  if (observed.usage === null) return { kind: "unmeasured", observed, settled };
  return isSame(observed.usage, settled.usage)
    ? undefined
    : { kind: "different", observed, settled };
}

/** N3. */
function together(parts: readonly Settled[]): Together {
  const usage: Record<string, number> = {};
  for (const part of parts)
    for (const [bucket, units] of Object.entries(part.usage ?? {}))
      usage[bucket] = (usage[bucket] ?? 0) + units;
  return {
    ids: [...new Set(parts.map(({ id }) => id))],
    credits: parts.reduce((sum, { credits }) => sum + credits, 0n),
    usage,
    isEstimated: parts.some(({ isEstimated }) => isEstimated),
  };
}

/** N2. */
const isSame = (a: Usage, b: Usage): boolean => {
  const [inA, outA] = wholeOf(a);
  const [inB, outB] = wholeOf(b);
  return inA === inB && outA === outB;
};

/** All that went in, and all that came out. */
function wholeOf(usage: Usage): readonly [number, number] {
  let into = 0;
  let out = 0;
  for (const [bucket, units] of Object.entries(usage)) {
    if (bucket.startsWith("input_") || bucket.startsWith("cache_")) into += units;
    if (bucket.startsWith("output_")) out += units;
  }
  return [into, out];
}

/** When what was found happened. */
export const atOf = (finding: Finding): number =>
  finding.kind === "unobserved" ? finding.settlement.occurredAtMs : finding.observed.endedAtMs;
