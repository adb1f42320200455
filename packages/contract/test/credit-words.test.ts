/** W1, and what people read of credits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { creditFigure, creditText, grouped, plainCreditWords, printCredits } from "../src/index.ts";

const tokens = { singular: "token", plural: "tokens" };

test("people read as many decimals as the catalog says, rounded half away from zero", () => {
  const rows = [
    [1_234_567_890n, undefined, "1,234.56789 tokens"],
    [1_234_567_890n, 2, "1,234.57 tokens"],
    [1_234_500_000n, 0, "1,235 tokens"],
    [-1_500_000n, 0, "-2 tokens"],
    [999_995_000n, 2, "1,000.00 tokens"],
    [1_000_000n, 0, "1 token"],
    [1_000_000n, 2, "1.00 token"],
    [1_000_001n, 2, "1.00 token"],
    [1_000_001n, undefined, "1.000001 tokens"],
    [-4_000n, 2, "0.00 tokens"],
    [5n, 6, "0.000005 tokens"],
    [0n, 1, "0.0 tokens"],
  ] as const;
  for (const [micro, decimals, text] of rows)
    assert.equal(
      creditText(micro, { ...tokens, ...(decimals === undefined ? {} : { decimals }) }),
      text,
    );
});

test("where nothing is said, the figure is the exact one; else it is off by half of its last digit at most", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.nat(6),
      (micro, decimals) => {
        assert.equal(creditFigure(micro, plainCreditWords), grouped(printCredits(micro)));
        const figure = creditFigure(micro, { ...tokens, decimals }).replaceAll(",", "");
        assert.equal(figure.split(".")[1]?.length ?? 0, decimals);
        const shown = BigInt(figure.replace(".", "")) * 10n ** BigInt(6 - decimals);
        const off = shown > micro ? shown - micro : micro - shown;
        assert(off * 2n <= 10n ** BigInt(6 - decimals));
      },
    ),
  );
});
