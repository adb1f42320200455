/** What holds, settlements, debits and refunds do to an allowance: units before credits, by what was really used. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SettleHold, credits, instant } from "@cistern/kernel";
import { at } from "../calendar.ts";
import {
  debit,
  grant,
  minute,
  open,
  part,
  refund,
  release,
  settle,
  update,
} from "../scenario/commands.ts";
import { Life, start } from "../subscriptions/life.ts";
import { counts, from, image, images, imagesAllowed, onPlan, standing } from "./terms.ts";

const unmeasured = (id: string, given: Partial<SettleHold> = {}): SettleHold => ({
  kind: "settleHold",
  hold: id,
  amount: { kind: "unmeasured" },
  outcome: null,
  isFinal: true,
  fingerprint: null,
  recalled: null,
  ...given,
});

suite("an allowance beside credits", () => {
  test("is set aside by a hold without credits, and used by what was really used", () => {
    const life = onPlan(imagesAllowed(10n));
    const opened = life.run(open("h1", images(6), image));
    assert(opened.kind === "hold.opened");
    assert.equal(opened.credits, 0n);
    assert.deepEqual(standing(life), { included: 10n, used: 0n, held: 6n, left: 4n, over: 0n });
    const settled = life.run(settle("h1", images(4)));
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 0n);
    assert.deepEqual(standing(life), { included: 10n, used: 4n, held: 0n, left: 6n, over: 0n });
    life.check();
  });

  test("that has too little left covers what it has; the rest is held and charged in credits", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(debit("d1", images(7), image));
    const opened = life.run(open("h1", images(5), image));
    assert(opened.kind === "hold.opened");
    assert.equal(opened.credits, 8n, "two of five at 4");
    const settled = life.run(settle("h1", images(4)));
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 4n);
    assert.deepEqual(standing(life), { included: 10n, used: 10n, held: 0n, left: 0n, over: 1n });
    life.check();
  });

  test("a call that used more than it held takes what is left before it takes credits", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(open("h1", images(2), image));
    life.run(open("h2", images(5), image));
    const settled = life.run(settle("h1", images(7)));
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 8n, "two held and three left are free, two are not");
    assert.deepEqual(standing(life), { included: 10n, used: 5n, held: 5n, left: 0n, over: 2n });
    life.check();
  });

  test("parts of a call cost together what they would cost at once", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(open("h1", images(12), image));
    const charged = [3, 5, 2].map((count) => {
      const one = life.run(part("h1", images(count)));
      return one.kind === "hold.settled" ? one.charged : -1n;
    });
    assert.deepEqual(charged, [0n, 0n, 0n]);
    const last = life.run(settle("h1", images(3)));
    assert(last.kind === "hold.settled");
    assert.equal(last.charged, 12n);
    assert.deepEqual(standing(life), { included: 10n, used: 10n, held: 0n, left: 0n, over: 3n });
    life.check();
  });

  test("comes back with a release, an expiry, and a settle that says credits or a failure", () => {
    const life = onPlan(imagesAllowed(10n));
    const free = { included: 10n, used: 0n, held: 0n, left: 10n, over: 0n };
    life.run(open("h1", images(6), image));
    life.run(release("h1"));
    assert.deepEqual(standing(life), free);
    life.run(open("h2", images(6), image));
    life.run(settle("h2", 5));
    assert.deepEqual(standing(life), free);
    life.run(open("h3", images(6), image));
    life.run(unmeasured("h3", { outcome: "failed" }));
    assert.deepEqual(standing(life), free);
    life.run(open("h4", images(6), { ...image, ttlMs: minute }));
    life.pass("2026-04-01T00:01Z");
    assert.deepEqual(standing(life), free);
    // Late, it takes what is left again.
    const late = life.run(settle("h4", images(12)), "2026-04-01T00:02Z");
    assert(late.kind === "hold.settled");
    assert.equal(late.charged, 8n);
    life.check();
  });

  test("is used as it was set aside where nobody knows what was used", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(open("h1", images(12), image));
    const settled = life.run(unmeasured("h1"));
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 8n, "and so are the credits");
    assert.equal(standing(life).used, 10n);
    life.check();
  });

  test("comes back with a refund of the whole, also of a call that cost no credits, and once", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(debit("d1", images(4), image));
    const back = life.run(refund("r1", "d1"));
    assert(back.kind === "usage.refunded");
    assert.equal(back.credits, 0n);
    assert.equal(standing(life).used, 0n);
    assert.equal(life.refused(refund("r2", "d1"), from).code, "refund_exceeds_charge");
    life.run(debit("d2", images(12), image));
    life.run(refund("r3", "d2", 3));
    assert.equal(standing(life).used, 10n, "a part of the credits is no part of the units");
    life.run(refund("r4", "d2"));
    assert.deepEqual(standing(life), { included: 10n, used: 0n, held: 0n, left: 10n, over: 0n });
    life.check();
  });

  test("a minimum is not charged of a call that is free, and a long context makes no call cheaper", () => {
    const life = new Life(from);
    life.journal.rateCard = {
      id: "card-m",
      rows: [
        {
          id: "chat",
          meter: "chat",
          model: null,
          attributes: {},
          per: 1n,
          prices: { input_text: 1n, output_text: 2n },
          minimum: credits(9n),
          context: {
            buckets: ["input_text"],
            tiers: [{ above: 10, prices: { input_text: 1n, output_text: 5n } }],
          },
        },
      ],
    };
    life.run(grant("grt_a", 1_000));
    life.run(
      start({
        allowances: [
          {
            meter: "chat",
            bucket: "input_text",
            included: 100n,
            per: "plan",
            beyond: "credits",
          },
        ],
      }),
    );
    const charge = (id: string, usage: Record<string, number>): bigint => {
      const event = life.run(debit(id, usage, { meter: "chat" }));
      return event.kind === "usage.debited" ? event.charged : -1n;
    };
    assert.equal(charge("d1", { input_text: 5 }), 0n);
    assert.equal(charge("d2", { input_text: 5, output_text: 1 }), 9n, "the minimum");
    assert.equal(charge("d3", { input_text: 20, output_text: 4 }), 20n, "by the long tier");
    life.check();
  });
});

suite("an allowance that nothing comes past", () => {
  const refusing = imagesAllowed(10n, { beyond: "refuse" });

  test("refuses a call that it does not cover, whole, and says when it begins anew", () => {
    const life = onPlan(refusing);
    life.run(debit("d1", images(7), image));
    assert.deepEqual(life.refused(open("h1", images(4), image), from), {
      code: "allowance_exhausted",
      plan: "team",
      meter: "image",
      bucket: "images",
      requested: 4n,
      available: 3n,
      included: 10n,
      used: 7n,
      held: 0n,
      resetsAt: instant(at("2026-05-01T00:00Z")),
    });
    life.run(open("h2", images(3), image));
    life.check();
  });

  test("refuses until calls in flight have ended where that would do", () => {
    const life = onPlan(refusing);
    life.run(open("h1", images(8), { ...image, ttlMs: minute }));
    assert.deepEqual(life.refused(open("h2", images(4), image), from), {
      code: "allowance_held",
      plan: "team",
      meter: "image",
      bucket: "images",
      requested: 4n,
      available: 2n,
      held: 8n,
      retryAt: instant(at("2026-04-01T00:01Z")),
    });
    life.run(settle("h1", images(6)));
    life.run(open("h2", images(4), image));
    life.check();
  });

  test("takes no call that asks for credits, and charges what happened all the same (RULES 1)", () => {
    const life = onPlan(refusing);
    assert.equal(life.refused(open("h1", 5, image), from).code, "invalid_request");
    life.run(open("h2", 5));
    const event = life.run(debit("d1", images(12), image));
    assert(event.kind === "usage.debited");
    assert.equal(event.charged, 8n);
    assert.deepEqual(standing(life), { included: 10n, used: 10n, held: 0n, left: 0n, over: 2n });
    life.check();
  });

  test("stands below unknown meters and models, and above limits and the pool", () => {
    const life = onPlan({
      allowances: [
        { meter: "search", bucket: "calls", included: 1n, per: "plan", beyond: "refuse" },
      ],
    });
    const search = { meter: "search" };
    assert.equal(life.refused(open("h", { calls: 9 }, search), from).code, "unknown_model");
    const web = { ...search, model: "web" };
    life.run({
      kind: "putLimit",
      limit: "none",
      scope: { kind: "workspace" },
      rule: { kind: "cap", credits: null, window: { kind: "calendar", unit: "day" } },
    });
    assert.equal(life.refused(open("h", { calls: 2 }, web), from).code, "allowance_exhausted");
    life.run(open("h", { calls: 1 }, web));
    life.check();
  });

  test("is closed while the subscription is paused, and gone when it has ended", () => {
    const life = onPlan(refusing);
    life.run({ kind: "setPeriodEnd", atEnd: "pause" });
    const may = "2026-05-02T00:00Z";
    const refused = life.refused(open("h1", images(1), image), may);
    assert(refused.code === "allowance_exhausted");
    assert.equal(refused.resetsAt, null);
    life.run({ kind: "setPeriodEnd", atEnd: "renew" }, may);
    life.run(open("h1", images(10), image), may);
    life.run({ kind: "cancelSubscription" }, may);
    const opened = life.run(open("h2", images(1), image), may);
    assert(opened.kind === "hold.opened");
    assert.equal(opened.credits, 4n, "by the rate card");
    // What was set aside is honoured.
    const settled = life.run(settle("h1", images(10)), may);
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 0n);
    life.check();
  });
});

test("what goes past a hold within an allowance is the vendor's loss where the workspace caps it", () => {
  const life = onPlan(imagesAllowed(3n));
  life.run(update({ overrun: "cap_at_hold" }));
  life.run(open("h1", images(3), image));
  const settled = life.run(settle("h1", images(5)));
  assert(settled.kind === "hold.settled");
  assert.deepEqual([settled.charged, settled.loss], [0n, 8n]);
  assert.equal(counts(life)[0]?.over, 2n);
  life.check();
});
