/** The acceptance table of the policy in a short form: fewer seeds and trials than `npm run bench -- fairness`, the same bars. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { acceptances, barOf, holds } from "../../src/fairness/acceptance/index.ts";

suite("a shared pool", () => {
  // A25 is about time, and told by the bench alone.
  for (const one of acceptances.filter(({ key }) => key !== "A25"))
    test(`${one.key} ${one.claim}`, (t) => {
      const figures = one.measure({ scale: 0.02, isTimed: false });
      for (const figure of figures) {
        t.diagnostic(`${figure.name} ${figure.value} ${barOf(figure)}`);
        assert(
          holds(figure),
          `${one.key} ${figure.name} is ${figure.value}, asked ${barOf(figure)}`,
        );
      }
    });
});
