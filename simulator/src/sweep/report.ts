/** Owns what a sweep comes to: figures for machines, and words for readers. */
import { type PlantedBug, plantedBugs } from "../planted/planted-bug.ts";
import { type FaultCounts, faultKinds, noFaults } from "../world/fault-counts.ts";
import type { CleanOutcome, Outcome, PlantedOutcome } from "./task.ts";

/** The figures of a sweep; `violations` are those of clean runs. */
export interface Figures {
  readonly seeds: number;
  readonly simulatedHours: number;
  readonly operations: number;
  readonly faults: FaultCounts;
  readonly violations: number;
  readonly planted: number;
  readonly found: number;
}

/** Collects outcomes. Mutable. */
export class Report {
  readonly #clean: CleanOutcome[] = [];
  readonly #planted: PlantedOutcome[] = [];

  add(outcome: Outcome): void {
    if (outcome.kind === "clean") this.#clean.push(outcome);
    else this.#planted.push(outcome);
  }

  figures(): Figures {
    const faults = noFaults();
    let us = 0;
    let operations = 0;
    let violations = 0;
    for (const one of this.#clean) {
      us += one.us;
      operations += one.operations;
      violations += one.violationsCount;
      for (const kind of faultKinds) faults[kind] += one.counts[kind];
    }
    return {
      seeds: this.#clean.length,
      simulatedHours: Math.round(us / 360_000_000) / 10,
      operations,
      faults,
      violations,
      planted: this.#planted.length,
      found: this.#planted.filter(({ foundAt }) => foundAt !== undefined).length,
    };
  }

  /** Whether clean histories are clean and planted bugs are found. */
  get isGood(): boolean {
    const { violations, planted, found } = this.figures();
    return violations === 0 && planted === found;
  }

  words(): string {
    const { seeds, simulatedHours, operations, faults, violations, planted, found } =
      this.figures();
    const counts = faultKinds.map((kind) => `  ${kind.padEnd(24)}${faults[kind]}`);
    const wrong = this.#clean.filter((one) => one.violations.length > 0);
    return [
      `${seeds} seeds, ${simulatedHours} simulated hours, ${operations} operations`,
      ...counts,
      `${violations} violations in clean runs`,
      ...wrong.flatMap(told),
      `${found} of ${planted} planted bugs found`,
      ...this.#planted.toSorted((a, b) => (a.bug < b.bug ? -1 : 1)).map(find),
    ].join("\n");
  }
}

function told({ seed, isBilled, isShared, violations }: CleanOutcome): string[] {
  const how = `${seed}${isBilled ? " --plans" : ""}${isShared ? " --shared" : ""}`;
  return [
    `  seed ${seed} (npm run simulate -- --seed ${how})`,
    ...violations.slice(0, 3).map(({ question, text }) => `    ${question}: ${text.slice(0, 300)}`),
  ];
}

function find({ bug, foundAt, violation }: PlantedOutcome): string {
  const what = describe(bug);
  if (foundAt === undefined || violation === undefined) return `  NOT FOUND ${bug}: ${what}`;
  return `  ${bug.padEnd(30)}seed ${foundAt}, by ${violation.question}: ${what}`;
}

const describe = (bug: PlantedBug): string => plantedBugs[bug];
