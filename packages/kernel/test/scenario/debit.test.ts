import { instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  cap,
  day,
  deactivate,
  debit,
  grant,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  rate,
  refund,
  update,
} from "./commands.ts";

scenarios("a debit is refused only for what it does not know, in this order", [
  {
    name: "unknown_member where only known members may spend",
    workspace: { members: "known" },
    when: debit("d", 1, { meter: "paint" }),
    expect: { rejected: { code: "unknown_member", member: "ana", reason: "known_members_only" } },
  },
  {
    name: "unknown_member past the ceiling of guests",
    workspace: { guestsMax: 0 },
    when: debit("d", 1, { meter: "paint" }),
    expect: { rejected: { code: "unknown_member", member: "ana", reason: "too_many_guests" } },
  },
  {
    name: "unknown_meter",
    when: debit("d", 1, { meter: "paint", run: "r" }),
    expect: { rejected: { code: "unknown_meter", meter: "paint" } },
  },
  {
    name: "unknown_model",
    when: debit("d", { calls: 1 }, { meter: "search", model: "maps", run: "r" }),
    expect: { rejected: { code: "unknown_model", meter: "search", model: "maps" } },
  },
  {
    name: "unknown_run",
    when: debit("d", 1, { run: "r", occurredAt: instant(noon + day) }),
    expect: { rejected: { code: "unknown_run", run: "r" } },
  },
  {
    name: "a time that has not come, beyond what clocks differ by",
    when: debit("d", 1, { occurredAt: instant(noon + 5 * minute + 1) }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "occurredAt",
        reason: "Usage is reported after it happened.",
      },
    },
  },
  {
    name: "a debt past 10^12 credits",
    given: [debit("d", 1_000_000_000_000_000_000)],
    when: debit("e", 1),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "credits",
        reason: "A workspace owes at most 10^12 credits.",
      },
    },
  },
]);

scenarios("usage that happened is charged (RULES 1)", [
  {
    name: "from available lots in burn order, then as debt, under `deny` too",
    given: [grant("a", 10), grant("promo", 5, { priority: 0 })],
    when: debit("d", 18, { project: "spring", occurredAt: instant(noon - hour) }),
    expect: {
      event: {
        kind: "usage.debited",
        charged: 18,
        charges: [
          { lot: "promo", credits: 5, money: 0, refunded: 0 },
          { lot: "a", credits: 10, money: 0, refunded: 0 },
        ],
        debt: 3,
        occurredAt: noon - hour,
        project: "spring",
        isUnrated: false,
      },
      moved: { "Available:promo": -5, "Available:a": -10, Consumed: 18, Debt: -3 },
      owed: { d: 3 },
    },
  },
  {
    name: "the same where the caller reckoned it, which the event says with the provider's id of the answer",
    given: [grant("a", 10)],
    when: debit("d", 8, { isEstimated: true, response: "resp_1" }),
    expect: { event: { charged: 8, isEstimated: true, response: "resp_1" } },
  },
  {
    name: "past every limit, in a suspended workspace, for a member who left",
    given: [
      grant("a", 10),
      member("ana"),
      limit("c", "member ana", cap(1, "day")),
      limit("r", "member ana", rate("requests", { quantity: 1, perMs: hour, burst: 1 })),
      open("h", 1),
      deactivate("ana"),
      update({ status: "suspended" }),
    ],
    when: debit("d", 5),
    expect: { event: { charged: 5, debt: 0 }, used: { "c ana": 6 } },
  },
  {
    name: "for a guest of before, where only known members may spend now",
    given: [grant("a", 10), open("h", 1), update({ members: "known" })],
    when: debit("d", 5),
    expect: { event: { charged: 5, guest: null } },
  },
  {
    name: "of 0 it is a fact without charge",
    when: debit("d", 0),
    expect: { event: { charged: 0, charges: [], debt: 0 } },
  },
  {
    name: "by the rate card, when it says what was used",
    given: [grant("a", 9_000_000)],
    when: debit("d", { images: 2 }, { meter: "image" }),
    expect: {
      event: {
        charged: 8,
        price: {
          card: "card-1",
          row: "image-any",
          per: 1,
          prices: { images: 4 },
          cost: { currency: "EUR", per: 1, prices: { images: 700_000_003 } },
        },
      },
    },
  },
  {
    name: "as now, when the caller's clock runs ahead a little",
    when: debit("d", 0, { occurredAt: instant(noon + 5 * minute) }),
    expect: { event: { occurredAt: noon } },
  },
]);

const fiveHours = { kind: "onFirstUse", durationMs: 5 * hour } as const;

scenarios("a debit counts in the window of its time, if that is still open (RULES 4)", [
  {
    name: "today's usage counts today",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day"))],
    when: debit("d", 8, { occurredAt: instant(noon - 12 * hour) }),
    expect: { used: { c: 8 } },
  },
  {
    name: "yesterday's counts nowhere",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day"))],
    when: debit("d", 8, { occurredAt: instant(noon - 12 * hour - 1) }),
    expect: { event: { counts: [] }, used: { c: 0 } },
  },
  {
    name: "of a rolling window it counts in the bucket of its time",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, { kind: "rolling", durationMs: hour })),
      debit("d", 8, { occurredAt: instant(noon - 59 * minute) }),
    ],
    when: after(minute, open("h", 50)),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "a window that opens by first use is not opened by a debit, which no one approved",
    given: [grant("a", 100), limit("c", "workspace", cap(50, fiveHours))],
    when: debit("d", 8),
    expect: { event: { counts: [] }, used: { c: 0 } },
  },
  {
    name: "but counts in one that is open",
    given: [grant("a", 100), limit("c", "workspace", cap(50, fiveHours)), open("h", 1)],
    when: after(5 * hour - 1, debit("d", 8)),
    expect: { used: { c: 8 } },
  },
  {
    name: "and not in one that opened after it happened",
    given: [grant("a", 100), limit("c", "workspace", cap(50, fiveHours)), open("h", 1)],
    when: after(hour, debit("d", 8, { occurredAt: instant(noon - 1) })),
    expect: { event: { counts: [] } },
  },
  {
    name: "a refund takes it out of its window again",
    given: [grant("a", 100), limit("c", "workspace", cap(50, "day")), debit("d", 8)],
    when: refund("r", "d", 3),
    expect: { used: { c: 5 } },
  },
  {
    name: "in another zone than before, usage of an earlier window leaves the open one alone",
    given: [
      grant("a", 100),
      limit("c", "workspace", cap(50, "day")),
      open("h", 9),
      update({ timeZone: "Asia/Singapore" }),
    ],
    when: debit("d", 8, { occurredAt: instant(noon - 13 * hour) }),
    expect: { event: { counts: [] }, used: { c: 9 } },
  },
]);
