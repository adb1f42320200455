import {
  type AllowanceImpact,
  type CatalogDiff,
  type RepricedUsage,
  type SubscriptionImpact,
  limits,
  printCredits,
  printInstant,
} from "@cistern/contract";
import {
  type AllowanceCount,
  type BilledTotal,
  type Instant,
  type Money,
  type Plan,
  type RateCard,
  type State,
  type Subscription,
  cardInForce,
  instant,
  money,
  negotiatedCard,
  nextBill,
  periodAt,
  wholeUnits,
} from "@cistern/kernel";
import {
  type Catalog,
  type NewerAllowance,
  Repriced,
  billedUsage,
  isSameAllowance,
  newerCard,
  newerPlan,
} from "../../catalog/index.ts";
import { moneyBody, negotiatedBodies } from "../answers/subscription.ts";
import { unitsText } from "../answers/units.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ofOperator } from "../calls/of-operator.ts";
import type { ApiParts } from "../parts.ts";
import { invalid } from "../problems/problem.ts";

/** A subscription that runs, with what its impact is worked out from. */
interface Standing {
  readonly subscription: Subscription;
  readonly card: RateCard;
  /** Of the period that runs. */
  readonly billed: readonly BilledTotal[];
  readonly counts: readonly AllowanceCount[];
  /** undefined: it would be refused. */
  readonly bills: { readonly pinned: Money; readonly newer: Money | undefined };
}

/** What a catalog that is not pushed yet would mean, and for whom. */
export function catalogDiffHandlers(parts: ApiParts): HandlersOf<"diffCatalog"> {
  return {
    async diffCatalog({ body, query, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the catalog takes");
      const compared = await parts.catalog.compare(body.content);
      if (compared.kind === "faulty")
        return invalid(
          compared.problems.map(({ path, message }) => ({
            pointer: `/content${path}`,
            detail: message,
          })),
        );
      const { limit = limits.pageRowsDefault, cursor = "" } = query;
      const subscriptions: SubscriptionImpact[] = [];
      let seen = 0;
      let last = cursor;
      let nextCursor: string | undefined;
      for await (const workspace of parts.catalog.workspaces(cursor)) {
        if (seen === limit) {
          nextCursor = last;
          break;
        }
        seen += 1;
        last = workspace;
        const impact = await impactOn(parts, workspace, compared.catalog);
        if (impact !== undefined) subscriptions.push(impact);
      }
      const { changes } = compared;
      const next = nextCursor === undefined ? {} : { nextCursor };
      const answer: CatalogDiff = { changes, subscriptions, ...next };
      return { kind: "done", status: 200, body: answer };
    },
  };
}

/** undefined: nothing changes for it. */
async function impactOn(
  parts: ApiParts,
  workspace: string,
  after: Catalog,
): Promise<SubscriptionImpact | undefined> {
  const answer = await parts.engine.read(workspace, (state, at) =>
    standing(state, at, { parts, after }),
  );
  if (answer.kind === "unknown_workspace" || answer.value === undefined) return undefined;
  const { subscription, card, billed, counts, bills } = answer.value;
  const newer = newerPlan(subscription, after);
  const newCard = newerCard(subscription.plan, card, after);
  const { plan, id } = subscription;
  const isRemoved = !after.plans.has(plan.name) && parts.catalog.plan(plan.name) !== undefined;
  if (newer === undefined && newCard === undefined && !isRemoved) return undefined;
  const isSameFree = newer === undefined || isSameAllowance(plan, newer);
  const usage =
    newCard === undefined && isSameFree
      ? {}
      : {
          usage: await repriced(parts, workspace, {
            subscription,
            card,
            newCard: newCard ?? card,
            newer: isSameFree ? undefined : newer,
            now: answer.asOf,
          }),
        };
  return {
    workspace,
    subscription: id,
    plan: plan.name,
    planVersion: plan.version,
    ...(isRemoved ? { planRemoved: true } : {}),
    ...negotiationsOf(subscription),
    ...(newer === undefined
      ? {}
      : {
          newerVersion: newer.version,
          ...billsBody(bills, plan),
          ...billedBody(plan, newer, billed),
        }),
    ...(isSameFree ? {} : { allowances: allowanceImpacts(subscription, newer, counts) }),
    ...usage,
  };
}

/** Those that wait with the plan of the next period, too. */
function negotiationsOf({
  plan,
  next,
}: Subscription): Pick<SubscriptionImpact, "negotiated" | "negotiatedLater"> {
  if (plan.negotiated !== undefined || next?.plan.negotiated === undefined)
    return negotiatedBodies(plan);
  const { negotiated, negotiatedLater = [] } = negotiatedBodies(next.plan);
  return {
    negotiatedLater: [...(negotiated === undefined ? [] : [negotiated]), ...negotiatedLater],
  };
}

function billsBody(
  { pinned, newer }: Standing["bills"],
  { currency }: Plan,
): Pick<SubscriptionImpact, "nextBill"> {
  const more = newer === undefined ? {} : { newer: moneyBody(newer, currency) };
  return { nextBill: { pinned: moneyBody(pinned, currency), ...more } };
}

function billedBody(
  plan: Plan,
  newer: Plan,
  billed: readonly BilledTotal[],
): Pick<SubscriptionImpact, "billedUsage"> {
  const [before, after] = [plan, newer].map((one) => billedUsage(one, billed));
  if (before === undefined || after === undefined || before === after) return {};
  const { currency } = plan;
  return {
    billedUsage: { pinned: moneyBody(before, currency), newer: moneyBody(after, currency) },
  };
}

function standing(
  state: State,
  at: Instant,
  { parts, after }: { readonly parts: ApiParts; readonly after: Catalog },
): Standing | undefined {
  const subscription = state.subscriptions.live.row;
  if (subscription === undefined) return undefined;
  const around = { calendar: parts.calendar, ...parts.rateCards(at) };
  const plan =
    newerPlan(subscription, after) === undefined
      ? undefined
      : after.plans.get(subscription.plan.name);
  // As `catalog migrate` asks for it.
  const migration = {
    kind: "putSubscription",
    subscription: subscription.id,
    plan: null,
    isPinnedAnew: true,
    seats: null,
    when: "period_end",
  } as const;
  const pinned = plan === undefined ? undefined : nextBill(state, at, around);
  const bills = {
    pinned: pinned ?? money(0n),
    newer:
      plan === undefined
        ? undefined
        : nextBill(state, at, around, { ...migration, newest: [plan] }),
  };
  const billed = [...state.billed.totals.values()].filter(({ from, to }) => from <= at && at < to);
  const counts = [...state.allowances.counts.values()].filter(
    ({ start, end }) => start <= at && at < end,
  );
  return { subscription, card: cardInForce(state, parts.rateCards(at)), billed, counts, bills };
}

/** What each version includes of a whole period like this one, and what this one has used. */
function allowanceImpacts(
  { plan, seats, period }: Subscription,
  newer: Plan | undefined,
  counts: readonly AllowanceCount[],
): readonly AllowanceImpact[] {
  const [before, after] = [plan, newer ?? plan].map((one) => allowancesOf(one, seats, period));
  const all = new Map(
    [...(before ?? []), ...(after ?? [])].map((one) => [`${one.meter} ${one.bucket}`, one]),
  );
  return [...all.values()].map(({ meter, bucket, isLevel }) => {
    const isThis = (one: { readonly meter: string; readonly bucket: string }): boolean =>
      one.meter === meter && one.bucket === bucket;
    const { used = 0n, over = 0n } = counts.find(isThis) ?? {};
    return {
      meter,
      bucket,
      pinned: unitsText(before?.find(isThis)?.units ?? 0n, isLevel),
      newer: unitsText(after?.find(isThis)?.units ?? 0n, isLevel),
      used: unitsText(used + over, isLevel),
    };
  });
}

const allowancesOf = (
  { allowances = [] }: Plan,
  seats: number,
  span: { readonly start: Instant; readonly end: Instant },
): readonly NewerAllowance[] =>
  allowances.map((terms) => ({ ...terms, units: wholeUnits(terms, { seats, span }) }));

/** Usage of the last whole period; of the first one so far. */
async function repriced(
  { records, calendar }: ApiParts,
  workspace: string,
  {
    subscription,
    card,
    newCard,
    newer,
    now,
  }: {
    readonly subscription: Subscription;
    readonly card: RateCard;
    readonly newCard: RateCard;
    /** Where its allowances are others. */
    readonly newer: Plan | undefined;
    readonly now: number;
  },
): Promise<RepricedUsage> {
  const { period, anchor, plan, timeZone } = subscription;
  const counted = { anchor, cadence: plan.cadence, timeZone };
  const span =
    period.index > 0
      ? periodAt(period.index - 1, counted, calendar)
      : { start: period.start, end: instant(Math.max(now, period.start)) };
  const [from, to] = [printInstant(span.start), printInstant(span.end)];
  const ours = negotiatedCard(newCard, plan.negotiated);
  const sum = new Repriced(ours);
  const migrated =
    newer === undefined
      ? undefined
      : new Repriced(ours, allowancesOf(newer, subscription.seats, span));
  let cursor: string | undefined;
  do {
    const page = await records.usage(workspace, {
      from,
      to,
      limit: limits.pageRowsMax,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const row of page.rows) {
      sum.add(row);
      migrated?.add(row);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return {
    from,
    to,
    card: card.id,
    newCard: newCard.id,
    charged: printCredits(sum.charged),
    repriced: printCredits(sum.repriced),
    ...(migrated === undefined ? {} : { migrated: printCredits(migrated.repriced) }),
    unpriced: sum.unpriced,
  };
}
