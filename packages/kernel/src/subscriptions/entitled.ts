/**
 * Owns what the plan of a workspace lets it do: the rung `feature_not_in_plan` (RULES 2). Usage that happened is not refused (RULES 1).
 *
 * F1 without a subscription nothing is closed, and no feature is open. F2 a call that names no meter, or no model, is not closed by that
 * list. F3 a subscription that is paused keeps its lists, and lends no features.
 */
import { fits, matchesModel } from "../rating/match.ts";
import { type RateCard, hasMeter } from "../rating/rate-card.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";

/** Why a call is not in the plan; undefined where it is. */
export function notInPlan(
  { subscriptions }: State,
  { meter, model }: { readonly meter: string | null; readonly model: string | null },
): Rejection | undefined {
  const plan = subscriptions.live.row?.plan;
  if (plan?.entitles === undefined) return undefined;
  const { meters, models } = plan.entitles;
  const refused = (kind: "meter" | "model", feature: string): Rejection => ({
    code: "feature_not_in_plan",
    plan: plan.name,
    kind,
    feature,
  });
  if (meter !== null && !isListed(meters, meter)) return refused("meter", meter);
  if (model !== null && !isListed(models, model)) return refused("model", model);
  return undefined;
}

/** What a name is of. */
export type EntitledKind = "feature" | "meter" | "model";

/**
 * Whether what is called so is open; meters and models are asked for as a hold asks (`notInPlan`), so a model is open where a row prices
 * it, by its name or any model. Where the kind is not said it is a feature, else a meter, else a model that the plan's list or a row
 * names: a row for any model would open every name. Of a name that nobody knows nothing is open.
 */
export function isOpen(
  state: State,
  card: RateCard,
  { name, kind }: { readonly name: string; readonly kind: EntitledKind | null },
): boolean {
  const { rows } = card;
  const isFeature = featuresOf(state).includes(name);
  if (kind === "feature" || (kind === null && isFeature)) return isFeature;
  const isMeter = hasMeter(card, name);
  if (kind === "meter" || (kind === null && isMeter))
    return isMeter && notInPlan(state, { meter: name, model: null }) === undefined;
  if (kind === "model" && !rows.some((row) => matchesModel(row, name))) return false;
  if (kind === "model") return notInPlan(state, { meter: null, model: name }) === undefined;
  const models = state.subscriptions.live.row?.plan.entitles?.models ?? none;
  const isModel =
    models.some((pattern) => fits(pattern, name)) ||
    rows.some((row) => row.model !== null && matchesModel(row, name));
  return isModel && notInPlan(state, { meter: null, model: name }) === undefined;
}

/** Features that are open now. */
export function featuresOf({ subscriptions }: State): readonly string[] {
  const live = subscriptions.live.row;
  return live === undefined || live.status === "paused"
    ? none
    : (live.plan.entitles?.features ?? none);
}

const none: readonly string[] = [];

const isListed = (patterns: readonly string[] | null, name: string): boolean =>
  patterns === null || patterns.some((pattern) => fits(pattern, name));
