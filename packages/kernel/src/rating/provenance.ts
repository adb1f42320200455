/** Owns how it is known what a call used: told by its provider, or reckoned by the caller. It changes no charge. */

/** What a caller says of it. */
export interface SaidProvenance {
  /** The provider told no usage: the caller reckoned it. */
  readonly isEstimated?: boolean;
  /** The provider's own id of the answer. */
  readonly response?: string | null;
}

/** The same in an event; what was not said is left out. */
export interface Provenance {
  readonly isEstimated?: true;
  readonly response?: string;
}

const unsaid: Provenance = {};

/** What an event keeps of it. */
export function provenanceOf({ isEstimated = false, response = null }: SaidProvenance): Provenance {
  if (!isEstimated && response === null) return unsaid;
  return { ...(isEstimated ? { isEstimated } : {}), ...(response === null ? {} : { response }) };
}
