import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { exportBooks } from "../../src/books/index.ts";
import { lifeOfAWorkspace } from "../audit/journal-of.ts";
import { beancountJudges, canJudge, hledgerJudges } from "./accounting-tools.ts";
import { sourceOf, textOf } from "./journals.ts";

suite("hledger and beancount judge", () => {
  test("a life with every event of the pool", async (t) => {
    if (!canJudge(t)) return;
    const source = await sourceOf({ acme: lifeOfAWorkspace() });
    const hledger = await textOf(exportBooks({ source, format: "hledger" }));
    const first = hledgerJudges(hledger);
    assert(first.isAccepted, `${first.said}\n${hledger}`);
    const beancount = await textOf(exportBooks({ source, format: "beancount" }));
    const second = beancountJudges(beancount);
    assert(second.isAccepted, `${second.said}\n${beancount}`);
  });
});
