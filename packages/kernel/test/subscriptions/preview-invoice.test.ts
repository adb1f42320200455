/** What an invoice comes to, for any lines in any order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Line, emptyState, instant, money, previewInvoice } from "@cistern/kernel";

const at = instant(1_770_000_000_000);

const lines: fc.Arbitrary<readonly Line[]> = fc.array(
  fc
    .record({
      amount: fc.bigInt({ min: -1_000_000n, max: 1_000_000n }),
      account: fc.constantFrom("Receivable", "Unbilled", "CustomerBalance"),
    })
    .map(({ amount, account }): Line => ({
      id: "lin_1",
      kind: "usage",
      about: "chat",
      from: at,
      to: at,
      quantity: 1n,
      unitPrice: null,
      fraction: null,
      amount: money(amount),
      account,
      key: null,
    })),
  { minLength: 1 },
);

const preview = (of: readonly Line[], taxBps: number) =>
  previewInvoice(
    emptyState(),
    {
      status: "draft",
      id: "inv_1",
      subscription: "sub_1",
      draftedAt: at,
      finalizesAt: at,
      lines: of,
    },
    { taxBps, at },
  ).amounts;

test("V1 sums are exact to the minor unit, whatever the order of the lines", () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 0, max: 10_000 }), (all, taxBps) => {
      const amounts = preview(all, taxBps);
      const sum = all.reduce((total, { amount }) => total + amount, 0n);
      assert.equal(amounts.subtotal, sum);
      // Half away from zero, of the sum and not of the lines, on either side of it.
      const size = (2n * (sum < 0n ? -sum : sum) * BigInt(taxBps) + 10_000n) / 20_000n;
      assert.equal(amounts.tax, sum < 0n ? -size : size);
      assert.equal(amounts.total, amounts.subtotal + amounts.tax);
      assert.equal(amounts.charged, amounts.total - amounts.balanceApplied);
      assert.deepEqual(
        { ...preview(all.toReversed(), taxBps) },
        { ...amounts },
        "the other way round",
      );
    }),
  );
});
