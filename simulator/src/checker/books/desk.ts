/** Owns what the checks of holds share: the parts of a hold, and what it counts in windows. */
import type { Count, Workspace } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import type { CountedRecord, HoldRecord } from "./records.ts";
import type { Allowances } from "./allowances.ts";
import type { Billing } from "./billing.ts";
import type { Limits } from "./limits.ts";
import type { Policies } from "./policies.ts";
import type { Plans } from "./plans.ts";
import type { People } from "./people.ts";
import type { Shares } from "./shares.ts";

/** What a check of one event has before it. */
export interface Desk {
  readonly books: Books;
  readonly billing: Billing;
  readonly allowances: Allowances;
  readonly plans: Plans;
  readonly limits: Limits;
  readonly policies: Policies;
  readonly people: People;
  readonly shares: Shares;
  readonly workspace: Workspace;
}

/** The caps that an event has just reached. */
export type Reached = ReturnType<Limits["reachedBy"]>;

/** A hold that is still open. */
export function openOne(books: Books, id: string): HoldRecord {
  const hold = books.hold(id);
  demand(hold.status === "open", () => `K4 ${id} is ${hold.status} and something happens to it`);
  return hold;
}

/** What an open hold keeps from others. */
export const setAside = (hold: HoldRecord): bigint =>
  hold.legs.reduce((sum, { credits }) => sum + credits, hold.overage);

/** Legs, for readers. */
export const told = (legs: readonly { lot: string; credits: bigint }[]): string =>
  legs.map(({ lot, credits }) => `${credits} of ${lot}`).join(", ");

/** What an event counts, and what of that under ceilings on what is taken past the pool. */
export interface Counting {
  readonly counts: readonly Count[];
  readonly pastPool?: readonly Count[];
}

/** All of it. */
export const countsOf = ({ counts, pastPool = [] }: Counting): readonly Count[] => [
  ...counts,
  ...pastPool,
];

/** What usage took past the pool: owed, or billed. */
export const pastOf = ({
  debt,
  billed,
}: {
  readonly debt: bigint;
  readonly billed?: { readonly credits: bigint };
}): bigint => debt + (billed?.credits ?? 0n);

/** Notes what an event counts for a hold. */
export function count(hold: HoldRecord, { counts, pastPool = [] }: Counting): void {
  note(hold.counted, counts);
  note(hold.countedPast, pastPool);
}

function note(counted: CountedRecord[], counts: readonly Count[]): void {
  for (const { counter, limit, start, end: until, credits } of counts) {
    const same = counted.find((one) => one.counter === counter && one.start === start);
    if (same === undefined) counted.push({ counter, limit, start, end: until, net: credits });
    else same.net += credits;
  }
}

/** RULES 4: in windows that are still open a hold counts what it was charged, less refunds, and what it sets aside; under ceilings, what of that goes past the pool. */
export function checkCounted({ limits }: Desk, hold: HoldRecord, at: number): void {
  if (hold.authorizations > 1) return;
  const isOpen = hold.status === "open";
  const whole = hold.charged - hold.refunded + (isOpen ? setAside(hold) : 0n);
  const past = hold.past + (isOpen ? hold.overage : 0n);
  for (const [counted, countable] of [
    [hold.counted, whole],
    [hold.countedPast, past],
  ] as const)
    for (const one of counted)
      if (limits.isOpen(one, at))
        demand(
          one.net === countable,
          () => `K14 ${hold.id} counts ${one.net} in ${one.limit}, not ${countable}`,
        );
}
