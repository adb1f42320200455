import type { CreditWords } from "@cistern/contract";
import type { OutcomeRules, Pack, Plan, RateCard } from "@cistern/kernel";
import type { EventRuleForm, TracesForm } from "./intake-form.ts";
import type { OutcomeForm } from "./outcome-form.ts";

/** What is measured, and what is charged by how a call ends. */
export interface Meter {
  /** A level is there for a time, and is priced by the hour; all else is counted. */
  readonly kind?: "level";
  readonly buckets: readonly string[];
  /** Where they differ from the kernel's. */
  readonly outcomes?: OutcomeRules;
}

/** A catalog that is sound. Equal catalogs have equal hashes, however they were written down. */
export interface Catalog {
  /** SHA-256 of the catalog as canonical JSON (RFC 8785), in hex. */
  readonly hash: string;
  /** That JSON. */
  readonly content: string;
  /** What people read; no plan, pack or price depends on it. */
  readonly credits: CreditWords;
  readonly meters: ReadonlyMap<string, Meter>;
  /** By name. The id of each is its name and the beginning of a hash of all that it charges, so that a price names its version. */
  readonly rateCards: ReadonlyMap<string, RateCard>;
  /** By type. */
  readonly outcomes: ReadonlyMap<string, OutcomeForm>;
  /** By name; versions are named like those of rate cards. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** By name. */
  readonly packs: ReadonlyMap<string, Pack>;
  /** How events of other producers become usage, by their type. */
  readonly events: ReadonlyMap<string, EventRuleForm>;
  /** What received spans are for. */
  readonly traces: TracesForm;
}

/** Where a catalog has several rate cards, workspaces without a plan go by the one of this name. */
export const standardRateCard = "standard";

/** What is wrong at one place of a catalog. */
export interface CatalogProblem {
  /** A JSON pointer, such as `/rateCards/standard/rows/3/model`. */
  readonly path: string;
  readonly message: string;
}

/** What is wrong with the meaning of a catalog. */
export interface Finding extends CatalogProblem {
  /**
   * The places that it follows from; left out: its own. Where one of them has a fault of form it is not told, since it may be gone
   * when that is mended. With `/` at the end: all that stands below, too. A name rests on what it is a name in, whatever it is for.
   */
  readonly restsOn?: readonly string[];
  /** It makes no catalog unreadable that was pushed before it was asked for. */
  readonly isOfNew?: true;
}

/** Takes what is wrong. */
export type Tell = (finding: Finding) => void;

/** A catalog that cannot be used; the message lists what is wrong with it. */
export class CatalogFault extends Error {
  override readonly name = "CatalogFault";
  readonly problems: readonly CatalogProblem[];

  constructor(source: string, problems: readonly CatalogProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path === "" ? "/" : path} ${message}`);
    super(`${source} has ${problems.length} fault(s); nothing was changed:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
