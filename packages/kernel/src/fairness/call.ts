/** Owns what of a call counts in the shares: its credits on lots that are shared. */
import { type Credits, credits } from "../amount.ts";
import type { Hold } from "../holds/hold.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { askFor, drawnAs } from "./ask.ts";
import { consume } from "./draw.ts";
import type { Drawn } from "./events.ts";

/** The draw of an extension. Of a hold of an earlier period, what it had stays outside (RULES 29). */
export function continued(state: State, hold: Hold, drawn: Drawn): Drawn {
  if (hold.drawn?.period === drawn.period) return drawn;
  return { ...drawn, outside: credits(legsOf(state, hold) + keptBy(state, hold)) };
}

/** What a call was charged on lots that are shared, less what was refunded. */
export const keptBy = (state: State, { charges }: Pick<Hold, "charges">): bigint =>
  charges.reduce(
    (sum, { lot, credits: amount, refunded }) =>
      isShared(state, lot) ? sum + amount - refunded : sum,
    0n,
  );

/** What it has set aside on such lots. */
export const legsOf = (state: State, { legs }: Pick<Hold, "legs">): bigint =>
  legs.reduce((sum, { lot, credits: amount }) => (isShared(state, lot) ? sum + amount : sum), 0n);

/** Whether a lot is shared: restricted ones stand apart (RULES 33). */
export const isShared = ({ pool }: State, lot: string): boolean =>
  (pool.lots.get(lot)?.appliesTo ?? null) === null;

/** What usage draws that nothing refuses, beyond what was held for it (RULES 1); of a call that counts in an earlier period, nothing. */
export function drawnAnyway(
  state: State,
  amount: bigint,
  {
    who,
    of,
    at,
  }: {
    readonly who: { readonly member: string; readonly sponsors: readonly string[] };
    /** What it drew before; null: it is a call of this instant. */
    readonly of: Drawn | null | undefined;
    readonly at: Instant;
  },
): { readonly drawn?: Drawn } {
  if (of === undefined || (amount === 0n && of !== null)) return nothing;
  const asked = askFor(state, who, at, of?.seat);
  if (asked === undefined || (of !== null && of.period !== asked.period.number)) return nothing;
  return { drawn: drawnAs(asked, consume(asked.path, amount)) };
}

const nothing: { readonly drawn?: Drawn } = {};

/** Credits that transfers took of available lots that are shared, but for debts. */
export const takenFrom = (
  state: State,
  transfers: readonly {
    readonly lot: string;
    readonly from: string;
    readonly to: string;
    readonly credits: Credits;
    readonly debt?: string;
  }[],
): bigint =>
  transfers.reduce(
    (sum, one) =>
      one.from === "available" &&
      one.to === "consumed" &&
      one.debt === undefined &&
      isShared(state, one.lot)
        ? sum + one.credits
        : sum,
    0n,
  );
