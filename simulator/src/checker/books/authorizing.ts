/** Owns what an approval must be: room in the pool, in the overage and under every limit (RULES 2-6, 8). */
import type { HoldExtended, HoldOpened } from "@cistern/kernel";
import { demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";
import { type Desk, type Reached, count, openOne, told } from "./desk.ts";
import { takeFromPurse } from "./purses.ts";

const aDayMs = 24 * 60 * 60 * 1_000;

/** A hold set aside. */
export function openHold(desk: Desk, event: HoldOpened): Reached {
  const { books, limits, people, workspace } = desk;
  const { path, meter, model, at, hold: id } = event;
  demand(!books.holds.has(id), () => `hold ${id} is opened twice`);
  people.checkPath(path, event.guest?.id ?? null, workspace, true);
  desk.policies.approve({ hold: id, path, meter, model, at });
  desk.allowances.open(event);
  const asked = { requests: 1n, reserved: desk.plans.reserved };
  if (event.fromPurse === undefined) limits.approve(event, path, asked);
  else limits.approvePrepaid(event, path, asked);
  const usage = { member: path.member, groups: path.groups, meter };
  const { legs, pin } =
    event.fromPurse === undefined
      ? authorize(desk, usage, { at, asked: event })
      : { legs: [], pin: books.hold(event.fromPurse.purse.id).pin };
  demand(event.expiresAt > at && event.expiresAt <= at + aDayMs, () => `${id} lives too long`);
  const hold: HoldRecord = {
    id,
    isDebit: false,
    status: "open",
    usage,
    authorized: event.credits,
    legs,
    overage: event.fromPurse === undefined ? event.overage : 0n,
    isPurse: event.opens !== undefined,
    pin,
    charged: 0n,
    exact: 0n,
    exactVendor: 0n,
    refunded: 0n,
    isUndone: false,
    owed: 0n,
    charges: [],
    openedAt: at,
    endedAt: null,
    expiresAt: event.expiresAt,
    authorizations: 1,
    counted: [],
    past: 0n,
    countedPast: [],
  };
  books.holds.set(id, hold);
  count(hold, event);
  const { fromPurse: move } = event;
  if (move !== undefined) takeFromPurse(books, hold, { move, amount: event.credits, at });
  return limits.reachedBy(event, at);
}

/** More of a hold. */
export function extendHold(desk: Desk, event: HoldExtended): Reached {
  const { books, limits, people, workspace } = desk;
  const hold = openOne(books, event.hold);
  people.checkActive(hold.usage.member, workspace);
  const { meter } = hold.usage;
  desk.policies.approve({ hold: hold.id, path: event.path, meter, model: undefined, at: event.at });
  const { fromPurse: move } = event;
  const asked = { requests: 0n, reserved: desk.plans.reserved };
  if (move === undefined) limits.approve(event, event.path, asked);
  else limits.approvePrepaid(event, event.path, asked);
  if (move !== undefined) {
    hold.pin = books.hold(move.purse.id).pin ?? hold.pin;
    takeFromPurse(books, hold, { move, amount: event.credits, at: event.at });
    hold.authorized += event.credits;
    live(hold, event);
    hold.authorizations += 1;
    return [];
  }
  const { legs, pin } = authorize(desk, hold.usage, { at: hold.openedAt, asked: event });
  hold.pin = pin ?? hold.pin;
  for (const leg of legs) {
    const same = hold.legs.find(({ lot }) => lot === leg.lot);
    if (same === undefined) hold.legs.push(leg);
    else same.credits += leg.credits;
  }
  hold.authorized += event.credits;
  hold.overage += event.overage;
  live(hold, event);
  // More time alone counts nothing.
  if (event.credits > 0n) {
    hold.authorizations += 1;
    count(hold, event);
  }
  return limits.reachedBy(event, event.at);
}

function live(hold: HoldRecord, { at, expiresAt }: HoldExtended): void {
  const isInTime = expiresAt > at && expiresAt <= hold.openedAt + aDayMs;
  demand(isInTime, () => `${hold.id} lives too long`);
  hold.expiresAt = expiresAt;
}

/** RULES 2: as much as there is from the pool, the rest within what the overage still allows. `at`: when the hold was opened. */
function authorize(
  { books, billing, shares, workspace }: Desk,
  usage: HoldRecord["usage"],
  {
    at,
    asked,
  }: {
    at: number;
    asked: Pick<HoldOpened, "hold" | "path" | "credits" | "legs" | "overage" | "billing" | "at">;
  },
): { readonly legs: { lot: string; credits: bigint }[]; readonly pin?: HoldRecord["pin"] } {
  const by = billing.payableBy(at);
  const sharedMost = shares.mostFor(asked, books.sharedPart(usage, asked.credits, by));
  const { taken: legs, missing } = books.draw(usage, asked.credits, "held", { by, sharedMost });
  demand(told(legs) === told(asked.legs), () => `legs are ${told(asked.legs)}, not ${told(legs)}`);
  demand(missing === asked.overage, () => `overage is ${asked.overage}, not ${missing}`);
  const now = by === undefined ? billing.overageNow(workspace) : ({ kind: "deny" } as const);
  const fate = billing.fateOf(workspace, usage.meter, at);
  const isBilled = missing > 0n && now.kind === "bill" && fate.kind === "billed";
  demand(isBilled || asked.billing === undefined, () => "a hold is on a line of no bill");
  if (missing === 0n) return { legs };
  if (isBilled) {
    billing.approve(fate, missing, { pinned: asked.billing, open: books.holds.values() });
    return { legs, pin: { line: fate.line, stretch: fate.stretch } };
  }
  const limit = now.kind === "debt" ? now.limit : 0n;
  let owed = missing;
  for (const { credits } of books.debts) owed += credits;
  for (const hold of books.holds.values()) if (hold.status === "open") owed += hold.overage;
  demand(owed <= limit, () => `K3 holds exceed the pool by ${owed}, allowed are ${limit}`);
  return { legs };
}
