import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { beancountComponents, hledgerComponents } from "../../src/books/account-name.ts";
import { amountText, minorDigits } from "../../src/books/amount-text.ts";
import { accountKeys, accountOf, readChartNames, rowOf } from "../../src/books/chart.ts";
import { seed } from "./random-journals.ts";

const id = fc.stringMatching(/^[A-Za-z0-9_.:@-]{1,64}$/);

suite("components of account names", () => {
  for (const [tool, components, form] of [
    ["hledger", hledgerComponents, /^[^:; ]+$/],
    ["beancount", beancountComponents, /^[A-Z0-9][A-Za-z0-9-]*$/],
  ] as const)
    test(`${tool}: any id becomes one component, and is read back (N1, N2)`, (t) => {
      t.diagnostic(`CISTERN_SEED=${seed}`);
      fc.assert(
        fc.property(id, (text) => {
          const written = components.write(text);
          assert.match(written, form);
          assert.equal(components.read(written), text);
        }),
        { seed, numRuns: 5_000 },
      );
    });

  test("an id that is easy to read stays so", () => {
    assert.equal(hledgerComponents.write("lot_B"), "lot_B");
    assert.equal(beancountComponents.write("acme"), "Acme");
    assert.equal(beancountComponents.write("Acme"), "0--Acme");
    assert.equal(beancountComponents.write("a:b"), "A-3ab");
    assert.equal(hledgerComponents.write("a:b"), "a%3ab");
  });
});

suite("amounts", () => {
  test("have the digits of their currency", () => {
    assert.deepEqual(["EUR", "JPY", "KWD", "CLP"].map(minorDigits), [2, 0, 3, 0]);
    assert.equal(amountText(-1_234n, "EUR"), "-12.34");
    assert.equal(amountText(5n, "EUR"), "0.05");
    assert.equal(amountText(-5n, "KWD"), "-0.005");
    assert.equal(amountText(1_234n, "JPY"), "1234");
    assert.equal(amountText(0n, "JPY"), "0");
    assert.equal(amountText(-1n, "CREDIT"), "-0.000001");
    assert.equal(amountText(10n ** 18n, "CREDIT"), "1000000000000.000000");
  });
});

suite("the chart of accounts", () => {
  test("has a row for every account of FINANCE, section 3", () => {
    const money =
      "Cash Receivable Unbilled Deferred:Access Deferred:lot CustomerBalance Tax UnclaimedProperty AccruedProvider Subscription Usage Overage Outcomes Breakage Shortfall Refunds Chargebacks SlaCredits PaymentFees DisputeFees BadDebt ModelCost";
    for (const account of money.split(" ")) accountOf({ account, commodity: "MONEY", amount: 1n });
    for (const account of "Issued Available:lot Consumed Expired Revoked Moved Debt".split(" "))
      accountOf({ account, commodity: "CREDIT", amount: 1n });
  });

  test("has no row for anything else: that is a loud fault (B1)", () => {
    for (const [account, commodity] of [
      ["Usages", "MONEY"],
      ["Deferred", "MONEY"],
      ["Deferred:", "MONEY"],
      ["Deferred:Access:sub_1", "MONEY"],
      ["Available", "CREDIT"],
      ["Usage", "CREDIT"],
      ["Consumed", "MONEY"],
      ["toString", "MONEY"],
    ] as const)
      assert.throws(() => accountOf({ account, commodity, amount: 1n }), {
        name: "ChartFault",
        message: new RegExp(`no row for ${account} in ${commodity}`),
      });
  });

  test("gives each row a name of its own", () => {
    assert.equal(new Set(accountKeys.map((key) => rowOf(key).name)).size, accountKeys.length);
  });

  test("takes names of the operator's own, and lists every fault of theirs", () => {
    assert.deepEqual(readChartNames({ Usage: "Revenue:AI:Usage" }), { Usage: "Revenue:AI:Usage" });
    assert.throws(
      () =>
        readChartNames({
          Usage: "Sales",
          Nothing: "Assets:Nothing",
          Cash: "Assets:Receivable",
          Tax: "Liabilities:Deferred:Acme:Lot",
        }),
      (error) => {
        assert(error instanceof Error);
        for (const part of [
          /Usage: a name is/,
          /Nothing is no account/,
          /Receivable and Cash have the one name|Cash and Receivable have the one name/,
          /Tax: .* stands among the accounts of lots/,
        ])
          assert.match(error.message, part);
        return true;
      },
    );
  });
});
