/** Owns the bugs in the kernel's functions that show only where pools are shared. */
import { Bug, type Event, type Position, type State, credits, instant } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with such a bug; undefined for all others. */
export function plantInShares(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "sweepSkipped":
      return unasserted({ decide: onlyFor("openHold", seeing(atTheBeginning)) });
    case "borrowLimitIgnored":
      return unasserted({ decide: onlyFor("openHold", seeing(withoutLimit)) });
    case "reservesLent":
      return unasserted({ decide: onlyFor("openHold", seeing(withReservesOpen)) });
    case "agentsWeigh":
      return unasserted({
        decide: seeing(withAgentsAsPeople),
        apply: (state, event, position) => carryOut(withAgentsAsPeople(state), event, position),
      });
    case "returnedToReserve":
      return unasserted({
        apply: (state, event, position) =>
          carryOut(isReturn(event) ? drawnFromReserve(state) : state, event, position),
      });
    case "topUpByCount":
      return unasserted(followedBy(sharedByCount));
    case "giftDoubled":
      return unasserted(
        followedBy(({ fairness: { nodes } }, event) => {
          if (event.kind !== "reserve.gifted") return;
          const row = nodes.get(event.seats.to);
          if (row !== undefined)
            nodes.set(row.id, { ...row, reserved: row.reserved + event.credits });
        }),
      );
    case "giftAnsweredForFree":
      return unasserted(
        followedBy(({ fairness: { nodes } }, event, before) => {
          if (event.kind !== "credit_request.approved" || event.gift === undefined) return;
          const given = before.get(event.gift.seats.from);
          const row = nodes.get(event.gift.seats.from);
          if (row !== undefined && given !== undefined)
            nodes.set(row.id, { ...row, reserved: given.reserved });
        }),
      );
    case "joinTakesReserves":
      return unasserted(followedBy(takingOfOthers));
    case "leaverKeepsReserve":
      return unasserted(
        followedBy(({ fairness: { nodes } }, event, before) => {
          if (event.kind !== "member.deactivated") return;
          const row = before.get(`member:${event.member.id}`);
          if (row !== undefined) nodes.set(row.id, row);
        }),
      );
    case "usageUncounted":
      return unasserted(
        followedBy(({ fairness: { nodes } }, event, before) => {
          if (event.kind !== "hold.opened" || event.drawn === undefined) return;
          const row = nodes.get(event.drawn.seat);
          const used = before.get(event.drawn.seat)?.used;
          if (row !== undefined && used !== undefined) nodes.set(row.id, { ...row, used });
        }),
      );
    default:
      return undefined;
  }
}

type Row = NonNullable<ReturnType<State["fairness"]["nodes"]["get"]>>;

/** The kernel's `apply`, and then something else. */
const followedBy = (
  change: (state: State, event: Event, before: ReadonlyMap<string, Row>) => void,
): Partial<Rules> => ({
  apply: (state, event, position) => {
    const before = new Map(state.fairness.nodes.entries());
    carryOut(state, event, position);
    change(state, event, before);
  },
});

/** No assertion stops a bug: what finds it is the history. */
function carryOut(state: State, event: Event, position: Position): void {
  try {
    kernelRules.apply(state, event, position);
  } catch (error) {
    if (!(error instanceof Bug)) throw error;
  }
}

type Period = NonNullable<State["fairness"]["current"]["period"]>;

function withPeriod(state: State, change: (period: Period) => Period): State {
  const { period } = state.fairness.current;
  if (period === undefined) return state;
  return { ...state, fairness: { ...state.fairness, current: { period: change(period) } } };
}

/** A period that begins with its end is at its first tick for ever. */
const atTheBeginning = (state: State): State =>
  withPeriod(state, (period) => ({ ...period, start: instant(period.end) }));

const withoutLimit = (state: State): State =>
  withPeriod(state, (period) => ({ ...period, reach: 1_000_000_000 }));

/** All that is available is in the workspace's pot, but for the caller's own. */
function withReservesOpen(state: State): State {
  const { standing } = state.fairness;
  const open = overlaid(standing, {
    valueOf: (node) => standing.valueOf(node),
    pathFrom: (leaf, available) => {
      const path = standing.pathFrom(leaf, available);
      const below = path.slice(0, -1).reduce((sum, { stock }) => sum + stock, 0n);
      return path.map((node, place) =>
        place === path.length - 1 ? { ...node, stock: available - below } : node,
      );
    },
  });
  return { ...state, fairness: { ...state.fairness, standing: open } };
}

function withAgentsAsPeople(state: State): State {
  const { members } = state.members;
  const asPerson = <Some extends { readonly kind: string }>(member: Some) =>
    ({ ...member, kind: "person" }) as const;
  const people = overlaid(members, {
    get: (id: string) => {
      const member = members.get(id);
      return member === undefined ? undefined : asPerson(member);
    },
    values: () => [...members.values()].map(asPerson).values(),
  });
  return { ...state, members: { ...state.members, members: people } };
}

const isReturn = ({ kind }: Event): boolean =>
  kind === "hold.settled" || kind === "hold.released" || kind === "hold.expired";

function drawnFromReserve(state: State): State {
  const { holds } = state.holds;
  const bent = overlaid(holds, {
    get: (id: string) => {
      const hold = holds.get(id);
      if (hold?.drawn === undefined) return hold;
      const { reserve, pots } = hold.drawn;
      const all = pots.reduce((sum, one) => sum + one.credits, BigInt(reserve));
      return { ...hold, drawn: { ...hold.drawn, reserve: credits(all), pots: [] } };
    },
  });
  return { ...state, holds: { ...state.holds, holds: bent } };
}

const children = (before: ReadonlyMap<string, Row>): readonly Row[] =>
  [...before.values()].filter(
    ({ parent, isLeaf, isPresent }) => parent === "workspace" && isLeaf && isPresent,
  );

/** All get the same of a top-up; what a group gets by its weight is theirs too. */
function sharedByCount(
  { fairness: { nodes } }: State,
  event: Event,
  before: ReadonlyMap<string, Row>,
): void {
  if (event.kind !== "credits.granted" && event.kind !== "credits.effective") return;
  const heads = children(before).flatMap((row) => {
    const after = nodes.get(row.id);
    return after === undefined || after.line <= row.line ? [] : [{ row, after }];
  });
  const others = [...nodes.values()].filter(
    ({ isLeaf, parent }) => !isLeaf && parent === "workspace",
  );
  const gained = others.reduce(
    (sum, { id, line }) => sum + line - (before.get(id)?.line ?? 0n),
    0n,
  );
  for (const { after } of heads) {
    const more = gained / BigInt(2 * heads.length);
    nodes.set(after.id, { ...after, reserved: after.reserved + more, line: after.line + more });
  }
}

/** Half of what somebody else has reserved, beside its own part of the pot. */
function takingOfOthers(
  { fairness: { nodes } }: State,
  event: Event,
  before: ReadonlyMap<string, Row>,
): void {
  if (event.kind !== "member.updated") return;
  const id = `member:${event.member.id}`;
  const row = nodes.get(id);
  if (row === undefined || before.size === 0 || before.has(id)) return;
  for (const { id: other } of children(before)) {
    const robbed = nodes.get(other);
    if (robbed === undefined) continue;
    nodes.set(other, { ...robbed, reserved: robbed.reserved / 2n });
  }
}
