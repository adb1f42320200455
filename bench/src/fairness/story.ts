/** Owns the story that the pictures tell: ten people and a script that wants four times the pool. */
import { Chance } from "../../../packages/kernel/test/fairness/chance.ts";
import { part } from "./metrics.ts";
import { balanced, firstCome } from "./policies.ts";
import type { StoryPoint } from "./results.ts";
import { hog, people, pool } from "./synthetic.ts";
import { credits, periodMs } from "./workload.ts";

const days = 30;

/** Day by day, with the policy and without. */
export function story(): Readonly<Record<string, readonly StoryPoint[]>> {
  const budget = credits(pool);
  const { requests } = hog(new Chance(1));
  return Object.fromEntries(
    [firstCome, balanced].map((policy) => {
      const shared = policy.open({ members: people, budget });
      const points: StoryPoint[] = [{ day: 0, hog: 0, others: 0, refused: 0 }];
      let [ofHog, ofOthers, asked] = [0n, 0n, 0n];
      const close = (day: number): void => {
        points.push({
          day,
          hog: part(ofHog, budget),
          others: part(ofOthers, budget),
          refused: part(asked - ofOthers, asked),
        });
      };
      for (const request of requests) {
        while ((points.length * periodMs) / days <= request.atMs) close(points.length);
        const isUsed = shared.spend(request);
        if (request.member === 0) ofHog += isUsed ? request.credits : 0n;
        else {
          asked += request.credits;
          ofOthers += isUsed ? request.credits : 0n;
        }
      }
      close(days);
      return [policy.name, points];
    }),
  );
}
