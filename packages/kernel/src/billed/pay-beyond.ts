import { type Credits, noCredits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { beyondPool, bill, billedOn } from "./bill.ts";
import type { BilledUsage, PinnedLine } from "./terms.ts";

/** Who bears usage that no lot pays: the workspace later (debt), on its invoice (billed), or the vendor (lost). */
export interface PaidBeyond {
  readonly debt: Credits;
  readonly billed: BilledUsage | undefined;
  readonly lost: Credits;
}

/** What was fixed when the usage was authorized. */
interface Authorization {
  readonly meter: string | null;
  readonly authorizedAt: Instant;
  /** The line of a hold that was let through beyond the pool; left out of all else. */
  readonly pinned?: PinnedLine | undefined;
}

/** Usage is never refused (RULES 1): what lots lack is billed where that was agreed, else owed. */
export function payBeyond(
  state: State,
  lacking: Credits,
  { meter, authorizedAt, pinned }: Authorization,
): PaidBeyond {
  if (lacking === 0n) return nothing;
  const beyond = beyondPool(state, meter, authorizedAt);
  switch (beyond.kind) {
    case "debt":
      return { ...nothing, debt: lacking };
    case "loss":
      return { ...nothing, lost: lacking };
    case "bill":
      return {
        ...nothing,
        billed:
          pinned === undefined ? bill(state, beyond, lacking) : billedOn(state, pinned, lacking),
      };
  }
}

const nothing: PaidBeyond = { debt: noCredits, billed: undefined, lost: noCredits };
