/** Random lives of a small workspace: what may be asked, how often, and how the names in it are made up. */
import {
  type Command,
  type CreateWorkspace,
  type LimitRule,
  type LimitScope,
  type Window,
  credits,
  instant,
  money,
} from "@cistern/kernel";
import * as fc from "fast-check";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Sunday evening before the clocks go forward in Berlin: the third hour of that life does not exist. */
export const start = Date.UTC(2026, 2, 28, 21);

/** One wish, before it is known which holds and lots exist: `pick` is taken modulo their number. */
export interface Wish {
  readonly afterMs: number;
  readonly ask: (names: Names) => Command;
}

/** Ids that exist so far. */
export interface Names {
  readonly at: number;
  readonly serial: number;
  readonly lots: readonly string[];
  /** Holds, and debits, oldest first. */
  readonly holds: readonly string[];
  readonly open: readonly string[];
  readonly charged: readonly string[];
  /** Invoices, oldest first: to be issued, and issued. */
  readonly drafts: readonly string[];
  readonly issued: readonly string[];
  readonly outcomes: readonly string[];
  /** Oldest first: those that wait for their payment, or all where none does. */
  readonly topUps: readonly string[];
}

export const workspaceOf = (id: string, timeZone = "Europe/Berlin"): CreateWorkspace => ({
  kind: "createWorkspace",
  workspace: {
    id,
    timeZone,
    currency: "EUR",
    overage: { kind: "debt", limit: credits(15n) },
    overrun: "draw_more_then_debt",
    members: "open",
    guestsMax: 3,
  },
});

/** The life before the first wish: two groups, two people, an agent that acts for one of them. */
export const settlers: readonly Command[] = [
  { kind: "putGroup", group: "red" },
  { kind: "putGroup", group: "blue" },
  member("ana", "person", { groups: ["red"] }),
  member("ben", "person", { groups: ["blue", "red"] }),
  member("bot", "agent", { groups: [], sponsor: "ana" }),
  {
    kind: "grant",
    grant: "grt_0",
    credits: credits(100n),
    source: "plan",
    cost: money(77n),
    currency: "EUR",
    priority: 50,
    effectiveAt: null,
    expiresAt: null,
    appliesTo: null,
    reference: null,
  },
  limitOf("l1", { kind: "eachMember" }, { kind: "calendar", unit: "hour" }),
  limitOf("l2", { kind: "workspace" }, { kind: "rolling", durationMs: hour }),
  limitOf("l3", { kind: "group", id: "red" }, { kind: "onFirstUse", durationMs: 5 * hour }),
];

function limitOf(id: string, at: LimitScope, window: Window): Command {
  return {
    kind: "putLimit",
    limit: id,
    scope: at,
    rule: { kind: "cap", credits: credits(50n), window },
  };
}

function member(
  id: string,
  memberKind: "person" | "agent",
  { groups, sponsor = null }: { groups: readonly string[]; sponsor?: string | null },
): Command {
  return { kind: "putMember", member: id, memberKind, groups, home: null, sponsor };
}

export const small = (max: number): fc.Arbitrary<bigint> =>
  fc.bigInt({ min: 0n, max: BigInt(max) });
const amount = small(20);
const pick = fc.nat({ max: 40 });
/** Mostly the newest ones, so that a life hangs together. */
export const recent = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 3 }) },
  { weight: 1, arbitrary: pick },
);
const spender = fc.constantFrom("ana", "ben", "bot", "guest1", "guest2", "guest3", "guest4");
const meter = fc.constantFrom(null, null, "chat", "image");
export const pause = fc.oneof(
  { weight: 10, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 * minute }) },
  { weight: 3, arbitrary: fc.constantFrom(minute, 10 * minute, hour) },
  { weight: 1, arbitrary: fc.constantFrom(6 * hour, day, 4 * day, 31 * day) },
);
const life = fc.constantFrom(
  minute,
  minute,
  10 * minute,
  10 * minute,
  hour,
  day,
  3 * day,
  40 * day,
);
const ttl = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(minute, 10 * minute, hour, hour, day) },
  { weight: 1, arbitrary: fc.constantFrom(0, day + 1) },
);

/** Mostly one that is open; now and then any. */
const target = fc.tuple(recent, fc.nat({ max: 5 })).map(([back, chance]) => (names: Names) => {
  const any = chance === 0 || names.open.length === 0;
  return nthLast(any ? names.holds : names.open, back);
});

export const nthLast = (names: readonly string[], back: number): string =>
  names[names.length - 1 - (back % Math.max(names.length, 1))] ?? "nothing";

const rule: fc.Arbitrary<LimitRule> = fc.oneof(
  fc
    .tuple(
      fc.option(small(30), { freq: 8 }),
      fc.constantFrom(
        { kind: "calendar", unit: "hour" } as const,
        { kind: "calendar", unit: "hour" } as const,
        { kind: "calendar", unit: "day" } as const,
        { kind: "calendar", unit: "week" } as const,
        { kind: "calendar", unit: "month" } as const,
        { kind: "rolling", durationMs: hour } as const,
        { kind: "rolling", durationMs: 7 * minute + 1 } as const,
        { kind: "onFirstUse", durationMs: 5 * hour } as const,
      ),
    )
    .map(([cap, window]) => ({
      kind: "cap" as const,
      credits: cap === null ? null : credits(cap),
      window,
    })),
  fc
    .tuple(fc.constantFrom(0, 333, 2_500, 7_777), fc.constantFrom("hour", "day", "month"))
    .map(([percentBps, unit]) => ({
      kind: "cap" as const,
      percentBps,
      window: { kind: "calendar" as const, unit },
    })),
  fc
    .tuple(fc.option(small(12), { freq: 8 }), fc.constantFrom("hour", "day", "month"))
    .map(([ceiling, unit]) => ({
      kind: "overage" as const,
      credits: ceiling === null ? null : credits(ceiling),
      window: { kind: "calendar" as const, unit },
    })),
  fc
    .tuple(
      fc.constantFrom("requests" as const, "credits" as const),
      fc.constantFrom(1n, 3n, 7n),
      fc.constantFrom(1_000, minute, hour),
      fc.bigInt({ min: 1n, max: 25n }),
    )
    .map(([unit, quantity, perMs, burst]) => ({
      kind: "rate" as const,
      unit,
      quantity,
      perMs,
      burst,
    })),
);

const scope: fc.Arbitrary<LimitScope> = fc.constantFrom(
  { kind: "workspace" },
  { kind: "eachMember" },
  { kind: "member", id: "ana" },
  { kind: "member", id: "bot" },
  { kind: "group", id: "red" },
  { kind: "group", id: "green" },
);

const restriction = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      { members: ["ana"] },
      { members: ["bot", "guest1"] },
      { groups: ["red"] },
      { meters: ["chat"] },
      { meters: ["chat", "image"], groups: ["blue"] },
      { meters: ["video"] },
      {},
    ),
  },
);

export type Asker = fc.Arbitrary<(names: Names) => Command>;

/** Now and then a sale has something particular: a bonus, tax, an estimate of breakage; or it is a compensation. */
const sale = fc.record({
  kind: fc.constantFrom(
    "plain",
    "plain",
    "bonus",
    "taxed",
    "breaking",
    "compensation",
    "escheating",
  ),
  amount: fc.bigInt({ min: 1n, max: 40n }),
  ssp: fc.option(fc.bigInt({ min: 1n, max: 60n })),
  bps: fc.constantFrom(500, 1_000, 5_000, 9_999),
});

function saleOf(
  { kind, amount: extra, ssp, bps }: typeof sale extends fc.Arbitrary<infer T> ? T : never,
  { serial, cost }: { serial: number; cost: bigint },
): Partial<Extract<Command, { kind: "grant" }>> {
  const bonus = {
    grant: `grt_${serial}b`,
    credits: credits(extra),
    ssp: ssp === null ? null : money(ssp),
  };
  const payment = {
    kind: "received",
    tax: money(cost / 12n),
    fee: money(cost < 3n ? cost : 3n),
  } as const;
  switch (kind) {
    case "bonus":
      return { bonus, payment };
    case "taxed":
      return { payment };
    case "escheating":
      return { escheats: true };
    case "breaking":
      return { breakage: bps };
    case "compensation":
      return { payment: { kind, tax: money(0n), fee: money(0n) } };
    case "plain":
      return {};
  }
}

const repay: Asker = fc
  .record({
    back: recent,
    amount: fc.option(amount, { freq: 2 }),
    goodwill: fc.option(small(60), { freq: 2 }),
  })
  .map((one) => ({ lots, serial }) => ({
    kind: "repay",
    repayment: `rpy_${serial}`,
    grant: nthLast(lots, one.back),
    credits: one.amount === null || one.goodwill !== null ? null : credits(one.amount),
    goodwill: one.goodwill === null ? null : money(one.goodwill),
    currency: null,
    occurredAt: null,
    reason: null,
  }));

const chargeBack: Asker = recent.map((back) => ({ lots, serial }) => ({
  kind: "chargeBack",
  chargeback: `cbk_${serial}`,
  grant: nthLast(lots, back),
  fee: money(15n),
  currency: null,
  occurredAt: null,
  reason: null,
}));

const escheat: Asker = recent.map((back) => ({ lots }) => ({
  kind: "escheat",
  grant: nthLast(lots, back),
}));

const reviseBreakage: Asker = fc
  .record({ back: recent, breakage: fc.constantFrom(null, 0, 700, 9_000) })
  .map(({ back, breakage }) => ({ lots }) => ({
    kind: "reviseBreakage",
    grant: nthLast(lots, back),
    breakage,
  }));

const grant: Asker = fc
  .record({
    amount: small(90),
    cost: fc.oneof(fc.constant(0n), small(200)),
    sale,
    priority: fc.constantFrom(0, 50, 50),
    from: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: life },
      { weight: 1, arbitrary: life.map((ago) => -ago) },
      { weight: 1, arbitrary: fc.constantFrom("month", "month before") },
    ),
    life: fc.option(life),
    appliesTo: restriction,
  })
  .map((one) => ({ at, serial }) => {
    const from = typeof one.from === "string" ? sinceMonth(at, one.from) : one.from;
    return {
      kind: "grant",
      grant: `grt_${serial}`,
      credits: credits(one.amount),
      source: "purchase",
      cost: money(one.cost),
      currency: null,
      priority: one.priority,
      effectiveAt: from === null ? null : instant(at + from),
      expiresAt: one.life === null ? null : instant(at + Math.max(from ?? 0, 0) + one.life),
      appliesTo: one.appliesTo,
      reference: null,
      ...saleOf(one.sale, { serial, cost: one.cost }),
    };
  });

/** From now to the first instant of the month, or to the one before that. */
function sinceMonth(at: number, which: string): number {
  const first = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO("Europe/Berlin")
    .toPlainDate()
    .with({ day: 1 })
    .toZonedDateTime("Europe/Berlin").epochMilliseconds;
  return first - at - Number(which === "month before");
}

const openHold: Asker = fc
  .record({ member: spender, meter, amount, ttlMs: ttl })
  .map((one) => ({ serial }) => ({
    kind: "openHold",
    hold: `hld_${serial}`,
    member: one.member,
    meter: one.meter,
    model: null,
    amount: { kind: "credits", credits: credits(one.amount) },
    ttlMs: one.ttlMs,
    run: null,
    project: null,
    attributes: null,
  }));

const extendHold: Asker = fc
  .record({ hold: target, amount, ttlMs: fc.option(ttl, { freq: 2 }) })
  .map(({ hold, amount: more, ttlMs }) => (names) => ({
    kind: "extendHold",
    hold: hold(names),
    credits: credits(more),
    ttlMs,
    recalled: null,
  }));

const spoken = (micro: bigint) => ({ kind: "credits", credits: credits(micro) }) as const;

const ending = fc.record({
  amount: fc.oneof(
    { weight: 9, arbitrary: small(28).map(spoken) },
    { weight: 1, arbitrary: fc.constant({ kind: "unmeasured" } as const) },
  ),
  outcome: fc.option(fc.constantFrom("delivered", "partial", "failed", "cancelled")),
  isFinal: fc.oneof(
    { weight: 12, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
});

const settlePart = fc.record({
  amount: small(28).map(spoken),
  outcome: fc.constant(null),
  isFinal: fc.constant(false),
});

const settleHold: Asker = fc
  .tuple(target, fc.oneof(ending, settlePart))
  .map(([hold, one]) => ({ hold, ...one }))
  .map((one) => (names) => ({
    kind: "settleHold",
    hold: one.hold(names),
    amount: one.amount,
    outcome: one.outcome,
    isFinal: one.isFinal,
    fingerprint: null,
    recalled: null,
  }));

const releaseHold: Asker = target.map((hold) => (names) => ({
  kind: "releaseHold",
  hold: hold(names),
  fingerprint: null,
  recalled: null,
}));

const debit: Asker = fc
  .record({ member: spender, meter, amount: small(35), ago: fc.oneof(fc.constant(0), pause) })
  .map((one) => ({ at, serial }) => ({
    kind: "debit",
    debit: `dbt_${serial}`,
    member: one.member,
    meter: one.meter,
    model: null,
    amount: { kind: "credits", credits: credits(one.amount) },
    occurredAt: one.ago === 0 ? null : instant(at - one.ago),
    run: null,
    project: null,
    attributes: null,
  }));

export const refund: Asker = fc
  .record({ back: recent, amount: fc.option(amount, { freq: 2 }) })
  .map((one) => ({ charged, serial }) => ({
    kind: "refund",
    refund: `rfd_${serial}`,
    of: nthLast(charged, one.back),
    credits: one.amount === null ? null : credits(one.amount),
    reason: null,
    recalled: null,
  }));

const revoke: Asker = fc
  .record({ back: recent, amount: fc.option(amount, { freq: 2 }) })
  .map((one) => ({ lots }) => ({
    kind: "revoke",
    grant: nthLast(lots, one.back),
    credits: one.amount === null ? null : credits(one.amount),
  }));

const putLimit: Asker = fc
  .record({ limit: fc.constantFrom("l1", "l2", "l3", "l4"), scope, rule })
  .map((one) => () => ({ kind: "putLimit", ...one }));

const removeLimit: Asker = fc
  .constantFrom("l1", "l2", "l3", "l4")
  .map((limit) => () => ({ kind: "removeLimit", limit }));

const putMember: Asker = fc
  .record({
    id: fc.constantFrom("ana", "ben", "bot", "guest1"),
    groups: fc.constantFrom([], ["red"], ["blue"], ["blue", "red"], ["green"]),
    sponsor: fc.constantFrom(null, null, "ana", "ben", "bot"),
  })
  .map(({ id, groups, sponsor }) => () => {
    const kind = sponsor === null ? "person" : "agent";
    return member(id, kind, { groups, sponsor });
  });

const deactivate: Asker = spender.map((id) => () => ({ kind: "deactivateMember", member: id }));

const update: Asker = fc
  .oneof(
    {
      weight: 4,
      arbitrary: small(30).map((limit) => ({
        overage: { kind: "debt" as const, limit: credits(limit) },
      })),
    },
    { weight: 1, arbitrary: fc.constant({ overage: { kind: "deny" as const } }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("draw_more_then_debt" as const, "cap_at_hold" as const)
        .map((overrun) => ({ overrun })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("active" as const, "active" as const, "suspended" as const)
        .map((status) => ({ status })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("open" as const, "open" as const, "known" as const)
        .map((members) => ({ members })),
    },
  )
  .map((changes) => () => ({ kind: "updateWorkspace", changes }));

/** Mostly the month before, so that some are the right one. */
const closeMonth: Asker = fc
  .oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.constantFrom(0, 2, 3) },
  )
  .map((ago) => ({ at }) => ({
    kind: "closeMonth",
    month: Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO("Europe/Berlin")
      .toPlainDate()
      .toPlainYearMonth()
      .subtract({ months: ago })
      .toString(),
  }));

/** Whatever may be asked of a pool. */
export const asker: Asker = fc.oneof(
  { weight: 14, arbitrary: openHold },
  { weight: 12, arbitrary: settleHold },
  { weight: 8, arbitrary: grant },
  { weight: 4, arbitrary: extendHold },
  { weight: 4, arbitrary: debit },
  { weight: 4, arbitrary: refund },
  { weight: 3, arbitrary: releaseHold },
  { weight: 3, arbitrary: revoke },
  { weight: 3, arbitrary: repay },
  { weight: 2, arbitrary: reviseBreakage },
  { weight: 1, arbitrary: chargeBack },
  { weight: 1, arbitrary: escheat },
  { weight: 2, arbitrary: putLimit },
  { weight: 2, arbitrary: removeLimit },
  { weight: 1, arbitrary: update },
  { weight: 1, arbitrary: putMember },
  { weight: 1, arbitrary: deactivate },
  { weight: 2, arbitrary: closeMonth },
);

/** A life: wishes with the time that passes before each. */
export const lives = (maxLength: number): fc.Arbitrary<readonly Wish[]> =>
  fc.array(
    fc
      .oneof(
        { weight: 20, arbitrary: fc.tuple(pause, asker) },
        { weight: 1, arbitrary: fc.tuple(fc.constant(31 * day), closeMonth) },
      )
      .map(([afterMs, ask]) => ({ afterMs, ask })),
    { minLength: Math.floor(maxLength / 3), maxLength, size: "max" },
  );
