/**
 * Owns what has become of allowances, span by span.
 *
 * L1 `used + held` stays within what the span includes: nothing is set aside or used on top that does not fit. A change that includes less
 * takes from what nobody has used or set aside yet. L2 usage counts in the span in which it was authorized, or happened. L3 counts of one
 * bucket never overlap in time.
 */
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import { accrue } from "../invoices/evolve.ts";
import type { InvoiceSlice } from "../invoices/slice.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { grantSpan } from "../subscriptions/proration.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { AllowanceCount, AllowanceMove, IncludedUnits } from "./terms.ts";

/** Usage may be settled for a month and refunded for longer; as long as bills are known. */
const keptForMs = 200 * 24 * 60 * 60 * 1_000;

/** Allowances of one workspace. */
export interface AllowanceSlice {
  readonly counts: Table<AllowanceCount>;
  /** Their ids by meter. */
  readonly byMeter: ReadonlyMap<string, ReadonlySet<string>>;
}

/** An empty slice. */
export function allowanceSlice(undo: UndoLog): AllowanceSlice {
  const counts = new Table<AllowanceCount>("allowances", undo, isCount);
  const byMeter = new Map<string, Set<string>>();
  counts.watch((id, before, after) => {
    const meter = (after ?? before)?.meter ?? "";
    const ids = byMeter.get(meter) ?? new Set();
    if (after === undefined) ids.delete(id);
    else ids.add(id);
    if (ids.size === 0) byMeter.delete(meter);
    else byMeter.set(meter, ids);
  });
  return { counts, byMeter };
}

/** The count of an allowance in a span. */
export const countIdOf = (
  { id }: Pick<Subscription, "id">,
  { start }: { readonly start: Instant },
  { meter, bucket, isLevel }: Pick<IncludedUnits, "meter" | "bucket" | "isLevel">,
): string => `${id} ${start} ${meter} ${bucket}${isLevel === true ? " level" : ""}`;

/** Counts of a meter that reach into an interval, the earlier first. */
export const countsIn = (
  { counts, byMeter }: AllowanceSlice,
  meter: string,
  { start, end }: { readonly start: number; readonly end: number },
): readonly AllowanceCount[] =>
  [...(byMeter.get(meter) ?? none)]
    .flatMap((id) => counts.get(id) ?? [])
    .filter((one) => one.start < end && start < one.end)
    .toSorted((a, b) => a.start - b.start);

const none: ReadonlySet<string> = new Set();

/** What is neither used nor set aside. */
export const leftOf = ({ included, used, held }: AllowanceCount): bigint =>
  included > used + held ? included - used - held : 0n;

/** Notes what a subscription includes now: a span begins, or goes on with more or less. What it includes no longer ends here. */
export function enterSpan(slice: AllowanceSlice, subscription: Subscription, at: Instant): void {
  const { status, allowances } = subscription;
  if (allowances === undefined && slice.counts.size === 0) return;
  const { start, end } = grantSpan(subscription).period;
  const runs = status === "active" || status === "trialing";
  const open = new Set<string>();
  for (const one of runs ? (allowances ?? []) : []) {
    const id = countIdOf(subscription, { start }, one);
    open.add(id);
    const before = slice.counts.get(id);
    const { used = 0n, held = 0n, over = 0n } = before ?? {};
    const isSame =
      before?.included === one.included && before.beyond === one.beyond && before.end === end;
    if (!isSame)
      slice.counts.set(id, {
        ...one,
        id,
        subscription: subscription.id,
        start,
        end,
        used,
        held,
        over,
      });
  }
  for (const one of slice.counts.values()) {
    const isOver = one.subscription === subscription.id && one.end > at && !open.has(one.id);
    if (isOver) slice.counts.set(one.id, { ...one, end: at });
    else if (one.end + keptForMs <= at && one.held === 0n) slice.counts.set(one.id, undefined);
  }
}

/** Carries out what an event does to allowances, and to lines of those that are drafted already. */
export function moveUnits(
  slice: AllowanceSlice,
  invoices: InvoiceSlice,
  moves: readonly AllowanceMove[] | undefined,
): void {
  for (const move of moves ?? []) {
    const before = slice.counts.get(move.count);
    assert(before !== undefined, `the allowance ${move.count} that units are taken of exists`);
    const after = {
      ...before,
      held: before.held + move.held,
      used: before.used + move.used,
      over: before.over + move.over,
    };
    assert(
      after.held >= 0n && after.used >= 0n && after.over >= 0n,
      "L1 no more units come back than were taken",
    );
    assert(
      move.held + move.used <= 0n || after.held + after.used <= after.included,
      "L1 what is taken of an allowance fits in it",
    );
    slice.counts.replace(before.id, before, after);
    accrue(invoices, move.lines ?? []);
  }
}

const isCount = (value: unknown): value is AllowanceCount =>
  typeof value === "object" && value !== null && "over" in value;
