/** Plans with allowances, in short, and what of them stands. Images cost 4 micro-credits each beyond one. */
import assert from "node:assert/strict";
import {
  type AllowanceCount,
  type AllowanceTerms,
  type Plan,
  entitlements,
  instant,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { grant } from "../scenario/commands.ts";
import { Life, start } from "../subscriptions/life.ts";

export const from = "2026-04-01T00:00Z";
export const image = { meter: "image" } as const;
export const images = (count: number) => ({ images: count });

/** Images that a plan includes. */
export const imagesAllowed = (
  included: bigint,
  terms: Partial<AllowanceTerms> = {},
): Partial<Plan> => ({
  allowances: [
    { meter: "image", bucket: "images", included, per: "plan", beyond: "credits", ...terms },
  ],
});

/** A workspace with a thousand credits (micro) on such a plan. */
export function onPlan(terms: Partial<Plan>, seats = 0): Life {
  const life = new Life(from);
  life.run(grant("grt_a", 1_000));
  life.run(start(terms, seats));
  return life;
}

/** The one allowance as it stands. */
export function standing(life: Life, when: string = from) {
  const [one] = entitlements(life.journal.state, instant(at(when))).allowances;
  assert(one !== undefined, "the plan has an allowance");
  const { included, used, held, left, over } = one;
  return { included, used, held, left, over };
}

/** Counts of all spans, the earlier first. */
export const counts = (life: Life): readonly AllowanceCount[] =>
  [...life.journal.state.allowances.counts.values()].toSorted((a, b) => a.start - b.start);
