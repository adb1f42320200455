import type { Settlement } from "@cistern/contract";
import type { Provenance } from "@cistern/kernel";

/** How it is known what a call used. */
export const provenanceBody = ({
  isEstimated,
  response,
}: Provenance): Pick<Settlement, "estimated" | "response"> => ({
  ...(isEstimated === true ? { estimated: true } : {}),
  ...(response === undefined ? {} : { response }),
});
