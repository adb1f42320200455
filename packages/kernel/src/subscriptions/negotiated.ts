/**
 * Owns prices that were negotiated with one customer, over a version of a plan: its fees, what usage and outcomes cost past the pool, and
 * the rate card that its usage goes by.
 *
 * Z1 they are a version of their own, pinned like any other; the stand-alone prices stay those of the list, since what access and credits
 * cost alone is not what one customer pays. Z2 they stay with the plan when it is pinned anew, and go by periods: those that are put begin
 * at once, or with the first period that begins at their `from` or later; they end with the first one that begins at their `until` or later.
 * Z3 of one customer no two hold at an instant.
 */
import type { BilledLine } from "../billed/terms.ts";
import type { Instant } from "../instant.ts";
import { clashes } from "../rating/match.ts";
import { type RateCard, hasMeter } from "../rating/rate-card.ts";
import type { Fee, Negotiation, Plan } from "./plan.ts";

type Kept = NonNullable<Plan["negotiated"]>;

/** The plan with what of these holds at an instant, and what begins later; whatever was negotiated before. null: as listed. */
export function withNegotiated(
  plan: Plan,
  spans: readonly Negotiation[] | null,
  at: Instant,
): Plan {
  const open = (spans ?? []).filter(({ until }) => until === null || at < until);
  const current = open.find(({ from = null }) => from === null || from <= at);
  const later = open
    .filter((one) => one !== current)
    .toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
  return over(listed(plan), current, later);
}

/** Another version of a plan, with what was negotiated over the one before it. */
export const keepNegotiated = (plan: Plan, kept: Kept): Plan =>
  over(listed(plan), inForce(kept), kept.later ?? []);

/** The plan as the catalog has it. */
export const listed = (plan: Plan): Plan => plan.negotiated?.list ?? plan;

/** The plan of a period that begins at an instant (Z2). */
export function planAt(plan: Plan, at: Instant): Plan {
  const { negotiated } = plan;
  return negotiated === undefined ? plan : withNegotiated(plan, negotiationsOf(negotiated), at);
}

/** What is negotiated, the one that holds first. */
export function negotiationsOf(kept: Kept): readonly Negotiation[] {
  const current = inForce(kept);
  return [...(current === undefined ? [] : [current]), ...(kept.later ?? [])];
}

/** Whether the same holds when. */
export const isSameSchedule = ({ negotiated: a }: Plan, { negotiated: b }: Plan): boolean =>
  scheduleOf(a) === scheduleOf(b);

const scheduleOf = (kept: Kept | undefined): string =>
  kept === undefined
    ? ""
    : negotiationsOf(kept)
        .map(({ id, from = null, until }) => `${id} ${from} ${until}`)
        .join();

/** Nothing holds yet: what is negotiated begins later. */
const notYet: Negotiation = { id: "", base: null, seat: null, until: null };

function inForce({ list: _list, later: _later, ...terms }: Kept): Negotiation | undefined {
  return terms.id === notYet.id ? undefined : terms;
}

function over(list: Plan, terms: Negotiation | undefined, later: readonly Negotiation[]): Plan {
  if (terms === undefined && later.length === 0) return list;
  const rest = { list, ...(later.length === 0 ? {} : { later }) };
  if (terms === undefined) return { ...list, negotiated: { ...notYet, ...rest } };
  const at = (fee: Fee, amount: Fee["amount"] | null): Fee =>
    amount === null ? fee : { ...fee, amount };
  const { base, seats, overage } = list;
  return {
    ...list,
    version: `${list.version}+${terms.id}`,
    base: base === null ? null : at(base, terms.base),
    seats: seats === null ? null : { ...seats, fee: at(seats.fee, terms.seat) },
    overage:
      overage.kind === "bill"
        ? { ...overage, lines: overage.lines.map((line) => lineOver(line, terms)) }
        : overage,
    outcomes: list.outcomes.map((outcome) => {
      const own = terms.outcomes?.find(({ type }) => type === outcome.type);
      return own === undefined ? outcome : { ...outcome, price: own.price, isNegotiated: true };
    }),
    negotiated: { ...terms, ...rest },
  };
}

function lineOver(line: BilledLine, { usage = [] }: Negotiation): BilledLine {
  const own = usage.find(({ kind, meter }) => kind === line.kind && meter === line.meter);
  return own === undefined ? line : { ...line, price: own.price, isNegotiated: true };
}

/** One thing that cannot be negotiated, with its place. */
export interface NegotiationFault {
  readonly field: string;
  readonly reason: string;
}

/** All that cannot be negotiated over a plan, by a rate card; `isList`: faults name which of several it is. */
export function faultsOfNegotiation(
  plan: Plan,
  { spans, isList }: { readonly spans: readonly Negotiation[]; readonly isList: boolean },
  { at, card }: { readonly at: Instant; readonly card: RateCard },
): readonly NegotiationFault[] {
  return spans.flatMap((terms, index) => {
    const place = isList ? `negotiated/${index}` : "negotiated";
    const faults = [...timeFaults(spans, index, at), ...termFaults(plan, terms, card)];
    return faults.map(({ field, reason }) => ({ field: `${place}/${field}`, reason }));
  });
}

function timeFaults(
  spans: readonly Negotiation[],
  index: number,
  at: Instant,
): readonly NegotiationFault[] {
  const { from = null, until } = spans[index] ?? notYet;
  const faults: NegotiationFault[] = [];
  if (until !== null && until <= at)
    faults.push({ field: "until", reason: "Negotiated prices end in the future." });
  if (from !== null && until !== null && until <= from)
    faults.push({ field: "until", reason: "Negotiated prices end after they begin." });
  const clash = spans
    .slice(0, index)
    .findIndex(
      (other) =>
        (other.from ?? -Infinity) < (until ?? Infinity) &&
        (from ?? -Infinity) < (other.until ?? Infinity),
    );
  if (clash >= 0)
    faults.push({
      field: "from",
      reason: `It overlaps with number ${clash} of what is negotiated: each begins when the one before it has ended.`,
    });
  return faults;
}

function termFaults(
  { name, base, seats, overage, outcomes }: Plan,
  terms: Negotiation,
  card: RateCard,
): readonly NegotiationFault[] {
  const faults: NegotiationFault[] = [];
  const tell = (field: string, reason: string): void => void faults.push({ field, reason });
  if (terms.base !== null && base === null) tell("base", `The plan ${name} has no base fee.`);
  if (terms.seat !== null && seats === null) tell("seat", `The plan ${name} has no seats.`);
  const lines = overage.kind === "bill" ? overage.lines : [];
  for (const { kind, meter } of terms.usage ?? [])
    if (!lines.some((line) => line.kind === kind && line.meter === meter))
      tell(
        kind === "overage" ? "overage" : `usage/${meter ?? "*"}`,
        kind === "overage"
          ? `The plan ${name} bills no overage.`
          : `The plan ${name} has no price for usage of ${meter ?? "all other meters"}.`,
      );
  for (const { type } of terms.outcomes ?? [])
    if (!outcomes.some((one) => one.type === type))
      tell(`outcomes/${type}`, `The plan ${name} does not pay for ${type}.`);
  const rows = terms.rates?.rows ?? [];
  for (const [index, { meter }] of rows.entries())
    if (!hasMeter(card, meter))
      tell(`rates/rows/${index}/meter`, `The rate card has no meter ${meter}.`);
  for (const same of Map.groupBy(rows, ({ meter }) => meter).values())
    for (const { row, before } of clashes(same))
      tell(
        `rates/rows/${rows.indexOf(row)}`,
        `It prices calls that row ${rows.indexOf(before)} prices too, and neither is more specific.`,
      );
  return faults;
}
