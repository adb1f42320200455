/** One line of the acceptance table (FAIRNESS, section 4): what is measured, and the bars that it has to reach. */
export interface Acceptance {
  /** `A5` and so on. */
  readonly key: string;
  /** A sentence of the domain. */
  readonly claim: string;
  measure(effort: Effort): readonly Figure[];
}

/** One measured value, and its bar. */
export interface Figure {
  /** Within its acceptance. */
  readonly name: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Why it is told without a bar, or what it stands for. */
  readonly note?: string;
}

/** How much of the full measure is done. */
export interface Effort {
  /** The full measure is 1. */
  readonly scale: number;
  /** Timings tell something only where nothing else runs, and are left out of tests. */
  readonly isTimed: boolean;
}

/** So many of the full measure, at least one. */
export const some = (full: number, { scale }: Effort): number =>
  Math.max(1, Math.ceil(full * scale));

/** Whether a figure reaches its bar; one without a bar does. */
export const holds = ({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean =>
  value <= atMost && value >= atLeast;

/** The bar in words. */
export function barOf({ atMost, atLeast }: Figure): string {
  const least = atLeast === undefined ? [] : [`>= ${atLeast}`];
  const most = atMost === undefined ? [] : [`<= ${atMost}`];
  return [...least, ...most].join(" and ");
}
