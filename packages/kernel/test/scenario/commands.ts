/** Commands in short, with the defaults that most scenarios want. Credits are whole micro-credits. */
import {
  type Bonus,
  type ApproveRequest,
  type ChargeBack,
  type Command,
  type CreateWorkspace,
  type Debit,
  type ExtendHold,
  type Grant,
  type LimitRule,
  type LimitScope,
  type OpenHold,
  type Payment,
  type Policy,
  type PutMember,
  type Repay,
  type RequestCredits,
  type SettleHold,
  type Usage,
  type WeeklyHours,
  type Window,
  type Workspace,
  credits,
  instant,
  money,
} from "@cistern/kernel";

export const second = 1_000;
export const minute: number = 60 * second;
export const hour: number = 60 * minute;
export const day: number = 24 * hour;

/** When scenarios begin: a Monday at noon, in winter. */
export const noon: number = Date.UTC(2026, 0, 5, 12);

export function createWorkspace(settings: Partial<Workspace> = {}): CreateWorkspace {
  return {
    kind: "createWorkspace",
    workspace: {
      id: "acme",
      timeZone: "UTC",
      currency: "EUR",
      overage: { kind: "deny" },
      overrun: "draw_more_then_debt",
      members: "open",
      guestsMax: 1_000,
      ...settings,
    },
  };
}

export const update = (changes: Partial<Workspace>): Command => ({
  kind: "updateWorkspace",
  changes,
});

export const debtUpTo = (limit: number): Workspace["overage"] => ({
  kind: "debt",
  limit: credits(BigInt(limit)),
});

export function grant(
  id: string,
  amount: number,
  given: Partial<
    Omit<Grant, "cost" | "effectiveAt" | "expiresAt"> & {
      cost: number;
      from: number;
      until: number;
    }
  > = {},
): Command {
  const { cost = 0, from, until, ...rest } = given;
  return {
    kind: "grant",
    grant: id,
    credits: credits(BigInt(amount)),
    source: "purchase",
    cost: money(BigInt(cost)),
    currency: null,
    priority: 50,
    effectiveAt: from === undefined ? null : instant(from),
    expiresAt: until === undefined ? null : instant(until),
    appliesTo: null,
    reference: null,
    ...rest,
  };
}

export const revoke = (id: string, amount: number | null = null): Command => ({
  kind: "revoke",
  grant: id,
  credits: amount === null ? null : credits(BigInt(amount)),
});

/** A grant sold with a bonus, tax or fee. Money in minor units. */
export const bonus = (id: string, amount: number, ssp: number | null = null): Bonus => ({
  grant: id,
  credits: credits(BigInt(amount)),
  ssp: ssp === null ? null : money(BigInt(ssp)),
});

export const paid = (
  kind: Payment["kind"],
  { tax = 0, fee = 0 }: { tax?: number; fee?: number } = {},
): Payment => ({ kind, tax: money(BigInt(tax)), fee: money(BigInt(fee)) });

export const repay = (
  id: string,
  {
    credits: amount,
    goodwill,
    ...rest
  }: { credits?: number; goodwill?: number } & Partial<
    Pick<Repay, "currency" | "occurredAt" | "reason">
  > = {},
): Command => ({
  kind: "repay",
  repayment: "rpy_1",
  grant: id,
  credits: amount === undefined ? null : credits(BigInt(amount)),
  goodwill: goodwill === undefined ? null : money(BigInt(goodwill)),
  currency: null,
  occurredAt: null,
  reason: null,
  ...rest,
});

export const chargeBack = (id: string, fee = 0, given: Partial<ChargeBack> = {}): Command => ({
  kind: "chargeBack",
  chargeback: "cbk_1",
  grant: id,
  fee: money(BigInt(fee)),
  currency: null,
  occurredAt: null,
  reason: null,
  ...given,
});

export const escheat = (id: string): Command => ({ kind: "escheat", grant: id });

export const reviseBreakage = (id: string, breakage: number | null): Command => ({
  kind: "reviseBreakage",
  grant: id,
  breakage,
});
export const close = (month: string): Command => ({ kind: "closeMonth", month });

export const group = (id: string, leads: readonly string[] = []): Command => ({
  kind: "putGroup",
  group: id,
  leads,
});

export const member = (id: string, given: Partial<PutMember> = {}): Command => ({
  kind: "putMember",
  member: id,
  memberKind: "person",
  groups: [],
  home: null,
  sponsor: null,
  ...given,
});

export const agent = (id: string, sponsor: string, groups: readonly string[] = []): Command =>
  member(id, { memberKind: "agent", sponsor, groups });

export const deactivate = (id: string): Command => ({ kind: "deactivateMember", member: id });

const amountOf = (amount: number | Usage): OpenHold["amount"] =>
  typeof amount === "number"
    ? { kind: "credits", credits: credits(BigInt(amount)) }
    : { kind: "usage", usage: amount };

export const open = (
  id: string,
  amount: number | Usage,
  given: Partial<OpenHold> = {},
): Command => ({
  kind: "openHold",
  hold: id,
  member: "ana",
  meter: null,
  model: null,
  amount: amountOf(amount),
  ttlMs: 5 * minute,
  run: null,
  project: null,
  attributes: null,
  ...given,
});

export const settle = (
  id: string,
  amount: number | Usage,
  given: Partial<SettleHold> = {},
): Command => ({
  kind: "settleHold",
  hold: id,
  amount: amountOf(amount),
  outcome: null,
  isFinal: true,
  fingerprint: null,
  recalled: null,
  ...given,
});

/** A partial settle. */
export const part = (id: string, amount: number | Usage): Command =>
  settle(id, amount, { isFinal: false });

export const extend = (id: string, amount: number, given: Partial<ExtendHold> = {}): Command => ({
  kind: "extendHold",
  hold: id,
  credits: credits(BigInt(amount)),
  ttlMs: null,
  recalled: null,
  ...given,
});

export const release = (id: string, fingerprint: string | null = null): Command => ({
  kind: "releaseHold",
  hold: id,
  fingerprint,
  recalled: null,
});

export const debit = (id: string, amount: number | Usage, given: Partial<Debit> = {}): Command => ({
  kind: "debit",
  debit: id,
  member: "ana",
  meter: null,
  model: null,
  amount: amountOf(amount),
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
  ...given,
});

export const refund = (id: string, of: string, amount: number | null = null): Command => ({
  kind: "refund",
  refund: id,
  of,
  credits: amount === null ? null : credits(BigInt(amount)),
  reason: null,
  recalled: null,
});

const scopeOf = (text: string): LimitScope => {
  const [kind, id = ""] = text.split(" ");
  if (kind === "group" || kind === "member") return { kind, id };
  return kind === "workspace" ? { kind } : { kind: "eachMember" };
};

const windowOf = (window: Window | "hour" | "day" | "week" | "month"): Window =>
  typeof window === "string" ? { kind: "calendar", unit: window } : window;

/** `scope`: `workspace`, `eachMember`, `member ana`, `group red`. */
export const limit = (id: string, scope: string, rule: LimitRule): Command => ({
  kind: "putLimit",
  limit: id,
  scope: scopeOf(scope),
  rule,
});

export const cap = (
  amount: number | null,
  window: Window | "hour" | "day" | "week" | "month",
): LimitRule => ({
  kind: "cap",
  credits: amount === null ? null : credits(BigInt(amount)),
  window: windowOf(window),
});

export const rate = (
  unit: "requests" | "credits",
  { quantity, perMs, burst }: { quantity: number; perMs: number; burst: number },
): LimitRule => ({ kind: "rate", unit, quantity: BigInt(quantity), perMs, burst: BigInt(burst) });

/** A cap of hundredths of a percent of the pool. */
export const percent = (
  percentBps: number,
  unit: "hour" | "day" | "week" | "month",
): LimitRule => ({ kind: "cap", percentBps, window: { kind: "calendar", unit } });

export const removeLimit = (id: string): Command => ({ kind: "removeLimit", limit: id });

/** Ana asks for 5 more of limit `c`. */
export const askFor = (id: string, given: Partial<RequestCredits> = {}): Command => ({
  kind: "requestCredits",
  request: id,
  member: "ana",
  limit: "c",
  credits: credits(5n),
  ttlMs: 7 * day,
  ...given,
});

export const approve = (
  id: string,
  as: ApproveRequest["as"],
  given: Partial<Omit<ApproveRequest, "credits"> & { credits: number }> = {},
): Command => ({
  kind: "approveRequest",
  request: id,
  by: "kim",
  as,
  from: null,
  ...given,
  credits: given.credits === undefined ? null : credits(BigInt(given.credits)),
});

export const decline = (id: string, by = "kim"): Command => ({
  kind: "declineRequest",
  request: id,
  by,
});
const policyScopeOf = (text: string): Policy["scope"] => {
  const [kind, id = ""] = text.split(" ");
  return kind === "group" || kind === "member" ? { kind, id } : { kind: "workspace" };
};

/** `scope`: `workspace`, `member ana`, `group red`. `text` is the version of a text, whose hash is `#` and the version. */
export function policy(
  id: string,
  scope: string,
  { text, ...rules }: Partial<Omit<Policy, "text"> & { readonly text: string }> = {},
): Command {
  return {
    kind: "putPolicy",
    policy: {
      id,
      scope: policyScopeOf(scope),
      meters: null,
      models: null,
      hours: null,
      text: text === undefined ? null : { version: text, hash: `#${text}` },
      mustAccept: false,
      ...rules,
    },
  };
}

export const removePolicy = (id: string): Command => ({ kind: "removePolicy", policy: id });

export const acceptPolicy = (id: string, who: string, version: string): Command => ({
  kind: "acceptPolicy",
  policy: id,
  member: who,
  version,
});

/** `mon-fri 08:00-18:00`, or one day. */
export function hours(text: string): WeeklyHours {
  const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const [days = "", clock = ""] = text.split(" ");
  const [first = "", last = first] = days.split("-");
  const [from, to] = [names.indexOf(first) + 1, names.indexOf(last) + 1];
  const [fromMinute = 0, toMinute = 0] = clock.split("-").map((one) => {
    const [hoursOf = "", minutesOf = ""] = one.split(":");
    return Number(hoursOf) * 60 + Number(minutesOf);
  });
  return {
    days: Array.from({ length: to - from + 1 }, (_, index) => from + index),
    fromMinute,
    toMinute,
  };
}
