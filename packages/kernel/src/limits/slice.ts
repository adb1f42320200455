/** Owns the limits of one workspace and their use; `cap.ts` and `rate.ts` say what they allow. */
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { Path } from "../members/member.ts";
import { DueQueue } from "../state/due-queue.ts";
import type {
  Basis,
  Counter,
  Limit,
  LimitScope,
  RateState,
  Scope,
  StandingLimit,
} from "./limit.ts";
import { isOfPlan } from "./of-plan.ts";
import { type Raise, byEnd } from "./raise.ts";

/** Limits, the use of their windows, and the state of their rates. */
export interface LimitSlice {
  readonly limits: Table<StandingLimit>;
  readonly counters: Table<Counter>;
  readonly rates: Table<RateState>;
  /** What was approved beyond caps, by the request that asked for it. */
  readonly raises: Table<Raise>;
  /** The same by counter; most have none. */
  readonly raised: ReadonlyMap<string, readonly Raise[]>;
  /** Pools of caps in percent, by the limit and its epoch. */
  readonly bases: Table<Basis>;
  readonly raisesEnding: DueQueue;
  /** How many ceilings on overage there are: mostly none. */
  readonly ceilings: { count: number };
  /** By kind of scope and its id, with the key that each has where all count together. */
  readonly byScope: Shelves;
}

type Shelves = Readonly<Record<LimitScope["kind"], Map<string, readonly Shelved[]>>>;

/** A limit at one node of a path, near nodes first; `key` names its counter or its rate. */
export interface AppliedLimit {
  readonly limit: StandingLimit;
  readonly key: string;
}

/** A limit on its shelf, and what it is for members who count apart, by those who were asked for: a key that is made anew is hashed anew. */
class Shelved implements AppliedLimit {
  readonly limit: StandingLimit;
  readonly key: string;
  readonly #byMember = new Map<string, AppliedLimit>();

  constructor(limit: StandingLimit) {
    this.limit = limit;
    this.key = keyOf(limit);
  }

  of(member: string): AppliedLimit {
    let applied = this.#byMember.get(member);
    if (applied === undefined) {
      applied = { limit: this.limit, key: keyFor(this.key, member) };
      this.#byMember.set(member, applied);
    }
    return applied;
  }
}

/** The counter or rate of a limit. */
const keyOf = ({ id, epoch }: StandingLimit): string => `${id}@${epoch}`;
/** Where each member counts apart: ids have no `|`. */
const keyFor = (key: string, member: string): string => `${key}|${member}`;

/** The limit of a counter, with its epoch: members who count apart share it. */
export function limitKeyOf(counter: string): string {
  const bar = counter.indexOf("|");
  return bar === -1 ? counter : counter.slice(0, bar);
}

/** The node that a counter or a rate belongs to. */
export function scopeOf({ id, scope }: Limit, key: string, workspaceId: string): Scope {
  switch (scope.kind) {
    case "workspace":
      return { kind: "workspace", id: workspaceId, limit: id };
    case "group":
      return { kind: "group", id: scope.id, limit: id };
    case "member":
      return { kind: "member", id: scope.id, limit: id };
    case "eachMember":
      return {
        kind: "member",
        id: key.slice(key.lastIndexOf("|") + 1),
        limit: id,
        inherited: true,
      };
  }
}

/** An empty slice. */
export function limitSlice(undo: UndoLog): LimitSlice {
  const limits = new Table<StandingLimit>("limits", undo, isLimit);
  const counters = new Table<Counter>("counters", undo, isCounter);
  const rates = new Table<RateState>("rates", undo, isRateState);
  const raises = new Table<Raise>("raises", undo, isRaise);
  const bases = new Table<Basis>("percentBases", undo, isBasis);
  const raised = new Map<string, readonly Raise[]>();
  const raisesEnding = new DueQueue((id, dueAt) => endOf(raises.get(id)) === dueAt);
  raises.watch((id, before, after) => {
    raisesEnding.change(id, endOf(before), endOf(after));
    const { counter } = before ?? after ?? { counter: "" };
    const others = (raised.get(counter) ?? []).filter((one) => one.request !== id);
    const all = after === undefined ? others : [...others, after].toSorted(byEnd);
    if (all.length === 0) raised.delete(counter);
    else raised.set(counter, all);
  });
  const byScope: Shelves = {
    workspace: new Map(),
    group: new Map(),
    member: new Map(),
    eachMember: new Map(),
  };
  const ceilings = { count: 0 };
  limits.watch((id, before, after) => {
    ceilings.count += Number(isCeiling(after)) - Number(isCeiling(before));
    if (before !== undefined)
      shelve(byScope, before.scope, (all) => all.filter((one) => one.limit.id !== id));
    if (after !== undefined)
      shelve(byScope, after.scope, (all) =>
        [...all, new Shelved(after)].toSorted((a, b) => (a.limit.id < b.limit.id ? -1 : 1)),
      );
  });
  return { limits, counters, rates, raises, raised, bases, raisesEnding, ceilings, byScope };
}

/**
 * All limits on a path, from near to far (RULES 3): a member's own limit replaces the `eachMember` limit of the same kind
 * and window, the workspace's that of the workspace and the plan's that of the plan; a sponsor's limits include what acts for it.
 */
export function limitsOn(slice: LimitSlice, path: Path): readonly AppliedLimit[] {
  const found: AppliedLimit[] = [];
  addMember(slice, path.member, found);
  for (const id of path.sponsors) addMember(slice, id, found);
  for (const id of path.groups)
    for (const one of slice.byScope.group.get(id) ?? none) found.push(one);
  for (const one of slice.byScope.workspace.get("") ?? none) found.push(one);
  return found;
}

function addMember(slice: LimitSlice, id: string, found: AppliedLimit[]): void {
  const own = slice.byScope.member.get(id) ?? none;
  for (const one of own) found.push(one.of(id));
  for (const each of slice.byScope.eachMember.get("") ?? none)
    if (own.length === 0 || !own.some((one) => replaces(one.limit, each.limit)))
      found.push(each.of(id));
}

const none: readonly Shelved[] = [];

const replaces = (own: Limit, each: Limit): boolean =>
  isOfPlan(own.id) === isOfPlan(each.id) && isSameKind(own, each);

/** Whether one limit stands for another: the same kind, counted over the same window. */
export function isSameKind(a: Limit, b: Limit): boolean {
  if (a.rule.kind !== "rate") return a.rule.kind === b.rule.kind && windowName(a) === windowName(b);
  return b.rule.kind === "rate" && a.rule.unit === b.rule.unit && a.rule.perMs === b.rule.perMs;
}

function windowName({ rule }: Limit): string {
  if (rule.kind === "rate") return "";
  const { window } = rule;
  return window.kind === "calendar" ? window.unit : `${window.kind}:${window.durationMs}`;
}

function shelve(
  shelves: Shelves,
  scope: LimitScope,
  change: (all: readonly Shelved[]) => readonly Shelved[],
): void {
  const shelf = shelves[scope.kind];
  const id = "id" in scope ? scope.id : "";
  const all = change(shelf.get(id) ?? none);
  if (all.length === 0) shelf.delete(id);
  else shelf.set(id, all);
}

const isLimit = (value: unknown): value is StandingLimit =>
  typeof value === "object" && value !== null && "epoch" in value;
const isCounter = (value: unknown): value is Counter =>
  typeof value === "object" && value !== null && "used" in value;
const isRaise = (value: unknown): value is Raise =>
  typeof value === "object" && value !== null && "request" in value;
const endOf = (raise: Raise | undefined): number | undefined =>
  raise === undefined || raise.kind === "standing" ? undefined : raise.until;
const isCeiling = (limit: Limit | undefined): boolean => limit?.rule.kind === "overage";
const isBasis = (value: unknown): value is Basis =>
  typeof value === "object" && value !== null && "consumed" in value;
const isRateState = (value: unknown): value is RateState =>
  typeof value === "object" && value !== null && "arrival" in value;
