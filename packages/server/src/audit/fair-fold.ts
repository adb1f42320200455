/**
 * Owns the audit of how a pool is shared (FAIRNESS 1, RULES 29 to 33), by a fold of its own: from the opening of each period, through
 * fading, draws, top-ups, joins, leaves, gifts and losses.
 *
 * Q1 a period opens when and as the setting says. Q2 what a call says that it drew is what the rules let it draw then. Q3 reserves and pots
 * together are what is available. Q4 the kernel knows the same shares.
 */
import type { Drawn, Event, SharingOpened, State, Transfer } from "@cistern/kernel";
import { instant, memberShare } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";
import type { LotFold } from "./lot-fold.ts";
import { type Ended, ShareCalls, backOf } from "./share-calls.ts";
import { type Gift, giftIn } from "./share-gifts.ts";
import { ShareLots } from "./share-lots.ts";
import { SharePeriods } from "./share-periods.ts";
import { ShareSeats, guests, movedBy } from "./share-seats.ts";
import { type SeatNode, pathOf } from "./share-node.ts";
import { type Given, ShareTree } from "./share-tree.ts";

type Moving = Extract<Event, { readonly transfers: readonly Transfer[] }>;
const isMoving = (event: Event): event is Moving => "transfers" in event;

/** Shares of one workspace, as the events said. Mutable. */
export class FairFold {
  readonly #calls = new ShareCalls();
  readonly #seats = new ShareSeats();
  readonly #periods = new SharePeriods();
  /** Undefined before shares are laid out, and where the pool is not shared. */
  #tree: ShareTree | undefined;
  /** The first tick in which somebody was there. */
  #since: number | undefined;
  /** Bought with seats that nobody has taken yet. */
  #bought = { seats: 0, credits: 0n };
  readonly #lots: ShareLots;
  #available = 0n;
  #at = 0;

  /** `pool`: the fold of lots, which has taken an event before this one does. */
  constructor(pool: Pick<LotFold, "part" | "phase">) {
    this.#lots = new ShareLots(pool);
  }

  fold(event: Event): void {
    this.#at = event.at;
    const made = this.#lots.note(event);
    this.#calls.noteLots(made);
    this.#periods.noteLots(made);
    const isFollowed = this.#periods.isRunning(event.at) && sharingOf(event) === undefined;
    const seats = this.#seats.live?.seats ?? 0;
    if (isFollowed) this.#meet(event);
    else expect(drawnOf(event) === undefined, "Q2 what draws is in a period", () => event.kind);
    if (isFollowed && this.#tree !== undefined && isMoving(event))
      this.#move(this.#tree, event, this.#boughtBy(event, seats));
    this.#seats.note(event);
    this.#calls.note(event);
    if (isMoving(event)) this.#calls.noteDebts(event.transfers);
    if ("balance" in event) this.#available = event.balance.available;
    const turn = this.#periods.note(event, this.#seats.live);
    if (turn !== undefined) this.#begin(turn);
    else if (isFollowed) this.#follow(event);
    if (this.#tree !== undefined && this.#periods.isRunning(event.at))
      expectEqual(
        this.#tree.available,
        this.#available,
        "Q3 reserves and pots are what is available",
      );
  }

  #begin(turn: "opened" | "ended"): void {
    this.#tree = undefined;
    this.#bought = { seats: 0, credits: 0n };
    this.#since = turn === "opened" && this.#seats.plans(false).length > 0 ? 0 : undefined;
  }

  /** Shares are laid out with the first draw, or when the tick is over in which somebody was there first; then time passes. */
  #meet(event: Event): void {
    const { current } = this.#periods;
    if (current === undefined) return;
    const tick = this.#periods.tickOf(event.at);
    const drawn = drawnOf(event);
    const isTime = this.#since !== undefined && tick > this.#since;
    const isNeeded = drawn !== undefined || giftIn(event) !== undefined;
    if (isTime || isNeeded) this.#tree ??= this.#laidOut(drawn?.seat === guests, tick);
    this.#tree?.passTo(tick);
    this.#checkDrawing(event, drawn);
  }

  /** Whether a call says what it drew, and in which period. */
  #checkDrawing(event: Event, drawn: Drawn | undefined): void {
    const { number, current } = this.#periods;
    expect(
      drawn === undefined || drawn.period === number,
      "Q2 what draws is in the period that runs",
      () => `${event.kind} in ${drawn?.period} of ${number}`,
    );
    const isCall =
      (event.kind === "hold.opened" && event.fromPurse === undefined) ||
      (event.kind === "usage.debited" && event.occurredAt >= (current?.start ?? 0));
    expect(!isCall || drawn !== undefined, "Q2 a call says what it draws", () => event.kind);
  }

  /** Credits that came with seats that were added are for who will have these (RULES 18). */
  #boughtBy(event: Moving, seats: number): bigint {
    if (event.kind !== "subscription.changed" || event.subscription.seats <= seats) return 0n;
    const gained = event.balance.available - this.#available;
    if (gained <= 0n) return 0n;
    this.#bought.seats += event.subscription.seats - seats;
    this.#bought.credits += gained;
    return gained;
  }

  /** Where credits come from and go to. */
  #move(tree: ShareTree, event: Moving, bought: bigint): void {
    const calls = this.#calls;
    const drawn = drawnOf(event);
    if (event.kind === "hold.opened" || event.kind === "hold.extended") {
      if (drawn === undefined) return;
      const held = calls.sum(event.transfers, ({ from }) => from === "available");
      this.#draw(tree, this.#leafOf(tree, event.path, event.hold), drawn, held);
      return;
    }
    const used =
      event.kind === "hold.settled" || event.kind === "usage.debited"
        ? this.#used(tree, event)
        : { credits: 0n };
    const debts = event.transfers.filter(
      (one) => one.debt !== undefined && calls.isShared(one.lot),
    );
    const gained = event.balance.available - this.#available + used.credits + sumOf(debts);
    if (gained < 0n) tree.lose(-gained);
    else this.#comeIn(tree, event, { gained, bought });
    if (used.by === undefined) tree.lose(used.credits);
    else tree.take(used.by.leaf, used.by.given, used.by.others);
    for (const { debt = "", credits } of debts) this.#payDebt(tree, debt, credits);
    // Use alone lowers what a guarantee keeps.
    const seat = event.kind === "hold.settled" ? calls.drawnOf(event.hold)?.seat : undefined;
    const leaf = seat === undefined ? undefined : tree.find(seat);
    if (leaf !== undefined) tree.fadeFrom(leaf);
  }

  /** Usage that nothing refuses: what it takes of the pool beyond what was held, and by whom, where it counts in this period (RULES 1). */
  #used(
    tree: ShareTree,
    event: Extract<Event, { kind: "hold.settled" | "usage.debited" }>,
  ): { readonly credits: bigint; readonly by?: Anyway } {
    const taken = event.transfers.filter(({ to, debt }) => to === "consumed" && debt === undefined);
    const credits = this.#calls.sum(taken, ({ from }) => from === "available");
    const { drawn } = event;
    const before = event.kind === "hold.settled" ? this.#calls.drawnOf(event.hold) : undefined;
    const isOfPeriod = before?.period === this.#periods.number;
    expect(
      credits === 0n ||
        (drawn !== undefined) ===
          (event.kind === "usage.debited" ? drawn !== undefined : isOfPeriod),
      "Q2 a call says what it draws",
      () => event.kind,
    );
    // What had expired with its lot is used again.
    const again = this.#calls.sum(taken, ({ from }) => from === "expired");
    const seat = isOfPeriod ? tree.find(before.seat) : undefined;
    if (seat !== undefined) tree.use(seat, again);
    if (drawn === undefined) return { credits };
    const leaf = seat ?? this.#leafOf(tree, event.path);
    expect(leaf.id === drawn.seat, "Q2 a call draws on its own seat", () => drawn.seat);
    const by = { leaf, ...anyway(leaf, credits) };
    this.#checkDraw(drawn, by);
    return { credits, by };
  }

  /** An approved draw is what the rules give then. */
  #draw(tree: ShareTree, leaf: SeatNode, drawn: Drawn, amount: bigint): void {
    expect(leaf.id === drawn.seat, "Q2 a call draws on its own seat", () => drawn.seat);
    const verdict = tree.ask(leaf, amount);
    expect(
      verdict.kind === "given",
      "Q2 a draw is within what the rules allow",
      () => `${amount} on ${leaf.id}: ${verdict.kind}`,
    );
    this.#checkDraw(drawn, { given: verdict.given, others: 0n });
    tree.take(leaf, verdict.given);
  }

  /** The seat that a call is on: the one that it drew on in this period; else its member's, or that of the nearest that it acts for, or the guests', who come with the first of them. */
  #leafOf(
    tree: ShareTree,
    { member, sponsors }: { readonly member: string; readonly sponsors: readonly string[] },
    call = "",
  ): SeatNode {
    const before = this.#calls.drawnOf(call);
    return (
      (before?.period === this.#periods.number ? tree.find(before.seat) : undefined) ??
      seatIn(tree, [member, ...sponsors]) ??
      tree.find(guests) ??
      tree.join(this.#seats.guestSeat, { own: 0n, waiting: this.#bought.credits })
    );
  }

  #checkDraw(
    { reserve, pots, others }: Drawn,
    expected: { readonly given: readonly Given[]; readonly others: bigint },
  ): void {
    const [own, ...above] = expected.given;
    const right = `${own?.credits ?? 0n} ${told(above)} ${expected.others}`;
    const said = `${reserve} ${told(pots)} ${others ?? 0n}`;
    expect(
      said === right,
      "Q2 own reserve gives first, then pots from near to far",
      () => `${said}, not ${right}`,
    );
  }

  /** What became available: of calls where they drew it, of lots that outlast the period to all, of all else to the workspace (RULES 29). */
  #comeIn(
    tree: ShareTree,
    event: Moving,
    { gained, bought }: { readonly gained: bigint; readonly bought: bigint },
  ): void {
    let left = gained;
    for (const one of this.#calls.ending(event, this.#periods.number, gained)) {
      left -= one.freed;
      this.#giveBack(tree, one);
    }
    expect(left >= 0n, "Q3 no more returns than became available", () => event.kind);
    const lasting = this.#lots.lasting(event, this.#periods.current?.end ?? 0) - bought;
    const shared = lasting < left ? lasting : left;
    if (shared > 0n) tree.topUp(shared);
    tree.gain(shared > 0n ? left - shared : left);
  }

  #giveBack(tree: ShareTree, { drawn, kept, ended, freed }: Ended): void {
    const leaf = tree.find(drawn.seat);
    expect(leaf !== undefined, "Q2 a call returns to its seat", () => drawn.seat);
    const { outside: unused } = backOf(drawn, kept, ended);
    const { outside, back } = backOf(drawn, kept, freed);
    tree.giveBack(leaf, back, { used: ended - unused });
    tree.gain(outside);
  }

  /** Credits that pay a debt are used by the debtor (RULES 1, 12). */
  #payDebt(tree: ShareTree, of: string, credits: bigint): void {
    const drawn = this.#calls.drawnOf(of);
    const leaf = drawn?.period === this.#periods.number ? tree.find(drawn.seat) : undefined;
    if (leaf === undefined) return tree.lose(credits);
    const { given, others } = anyway(leaf, credits);
    tree.take(leaf, given, others);
  }

  /** Who comes, goes, or is given something. */
  #follow(event: Event): void {
    const moved = movedBy(event);
    const tree = this.#tree;
    if (tree === undefined) {
      const isFirst = this.#since === undefined && moved.some((id) => this.#seats.isSeated(id));
      if (isFirst) this.#since = this.#periods.tickOf(event.at);
      return;
    }
    for (const id of moved) this.#bring(tree, id);
    if (event.kind === "member_terms.updated") {
      const node = tree.find(`member:${event.terms.member}`);
      if (node !== undefined) node.reach = BigInt(event.terms.reach);
    }
    const gift = giftIn(event);
    if (gift !== undefined) this.#give(tree, gift);
  }

  #give(tree: ShareTree, gift: Gift): void {
    const from = this.#seatOf(tree, gift.from);
    const to = this.#seatOf(tree, gift.to);
    expect(
      from?.id === gift.seats.from && to?.id === gift.seats.to,
      "Q2 a gift is of the seats of both",
      () => `${gift.seats.from} and ${gift.seats.to}, not ${from?.id} and ${to?.id}`,
    );
    if (from === undefined || to === undefined) return;
    expect(
      gift.credits <= from.own,
      "Q2 who gives has as much reserved",
      () => `${gift.credits} of ${from.own}`,
    );
    tree.gift(from, to, gift.credits);
  }

  #seatOf(tree: ShareTree, member: string): SeatNode | undefined {
    return seatIn(tree, this.#seats.chainOf(member)) ?? tree.find(guests);
  }

  #bring(tree: ShareTree, id: string): void {
    const node = tree.find(`member:${id}`);
    const isActing =
      node?.parent?.id.startsWith("member:") === true &&
      this.#seats.member(id)?.status === "active";
    const isThere = this.#seats.isSeated(id) || isActing;
    if (node === undefined) {
      if (isThere) this.#join(tree, id);
    } else if (isThere && !node.isPresent) tree.comeBack(node);
    else if (!isThere) tree.leave(node);
  }

  #join(tree: ShareTree, id: string): void {
    const { seats, credits } = this.#bought;
    const each = seats === 0 ? 0n : credits / BigInt(seats);
    // What came with seats that nobody has taken yet waits for those who will.
    const waiting = credits - each;
    if (seats > 0) this.#bought = { seats: seats - 1, credits: waiting };
    const own = each < tree.root.own ? each : tree.root.own;
    tree.join(this.#seats.newcomer(id), { own, waiting });
  }

  /**
   * Where a member would stand at an instant, and at the beginning of each later tick, if nothing happened until then; none where the pool is not
   * shared. The trees are copies. A seat of guests that is not there yet comes with the call, whenever that is. `call`: one that asks for more.
   */
  *standsFrom(
    member: string,
    at: number,
    call?: string,
  ): Generator<{
    readonly tree: ShareTree;
    readonly leaf: SeatNode;
    readonly period: SharingOpened;
  }> {
    const { current: period } = this.#periods;
    if (period === undefined || !this.#periods.isRunning(at)) return;
    const first = this.#periods.tickOf(at);
    const chain = this.#seats.chainOf(member);
    const sits = (tree: ShareTree): boolean =>
      (seatIn(tree, chain) ?? tree.find(guests)) !== undefined;
    let base = this.#tree?.copy() ?? this.#laidOut(false, first);
    if (this.#tree === undefined && !sits(base)) base = this.#laidOut(true, first);
    for (let tick = first; tick < period.ticks; tick += 1) {
      base.passTo(tick);
      const tree = sits(base) ? base : base.copy();
      yield { tree, leaf: this.#leafOf(tree, { member, sponsors: chain.slice(1) }, call), period };
    }
  }

  #laidOut(hasGuests: boolean, tick: number): ShareTree {
    const sharing = this.#periods.current ?? { reserve: 0, reach: 0, ticks: 1 };
    return new ShareTree(this.#seats.plans(hasGuests), this.#available, sharing, tick);
  }

  /** The kernel knows the same shares (Q4). */
  compare(state: State): void {
    const tree = this.#tree;
    if (tree === undefined || !this.#periods.isRunning(this.#at)) return;
    const leaves = tree.nodes.filter(({ children }) => children.length === 0);
    for (const leaf of leaves) {
      const id = leaf.id.slice(leaf.id.indexOf(":") + 1);
      const kernels = memberShare(state, id, instant(this.#at));
      if (kernels === undefined || kernels.seat !== leaf.id) continue;
      const pots = pathOf(leaf).slice(1);
      expectEqual(kernels.reserved, leaf.own, `Q4 what is reserved at ${leaf.id}`);
      expectEqual(kernels.used, leaf.used, `Q4 what is used at ${leaf.id}`);
      expectEqual(kernels.share, leaf.share, `Q4 the share of ${leaf.id}`);
      expectEqual(
        kernels.potLeft,
        pots.reduce((total, { own }) => total + own, 0n),
        `Q4 the pots above ${leaf.id}`,
      );
    }
  }
}

const sharingOf = (event: Event): SharingOpened | undefined =>
  "sharing" in event ? event.sharing : undefined;
const drawnOf = (event: Event): Drawn | undefined => ("drawn" in event ? event.drawn : undefined);

/** What usage takes, and on which seat. */
interface Anyway {
  readonly leaf: SeatNode;
  readonly given: readonly Given[];
  readonly others: bigint;
}

/** Own reserve, then pots from near to far; what is left comes from the reserves of others (RULES 1). */
function anyway(leaf: SeatNode, amount: bigint) {
  let others = amount;
  const given = pathOf(leaf).map(({ id, own }) => {
    const credits = own < others ? own : others;
    others -= credits;
    return { node: id, credits };
  });
  return { given, others };
}

const sumOf = (parts: readonly { readonly credits: bigint }[]): bigint =>
  parts.reduce((total, { credits }) => total + credits, 0n);

const told = (parts: readonly Given[]): string =>
  parts.flatMap(({ node, credits }) => (credits === 0n ? [] : [`${node}=${credits}`])).join(" ");

/** The seat of the first of them who has one. */
function seatIn(tree: ShareTree, chain: readonly string[]): SeatNode | undefined {
  for (const id of chain) {
    const node = tree.find(`member:${id}`);
    if (node?.isPresent === true) return node.children.length === 0 ? node : tree.find(`own:${id}`);
  }
  return undefined;
}
