/** Owns which limits stand, from the events alone, and which of them a path meets (RULES 3). */
import type { Event, Limit, LimitRule, Path, Subscription } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** A limit that stands. */
export interface Standing {
  readonly limit: Limit;
  /** Counts from nothing when a rule of another kind takes its place. */
  readonly epoch: number;
}

/** A limit at a node. */
export interface Met {
  readonly standing: Standing;
  readonly node: string;
}

/** Mutable: one for each timeline. */
export class StandingLimits {
  readonly #limits = new Map<string, Standing>();
  #epochs = 0;
  /** The plan that brought some, by whose events they change. */
  #plan = "";

  get(id: string): Standing | undefined {
    return this.#limits.get(id);
  }

  note(event: Event): void {
    if (event.kind === "credit_request.approved" && event.limit !== undefined)
      demand(this.#put(event.limit) === "goes on", () => `an answer begins a limit anew`);
    if ("subscription" in event) this.#notePlan(event.subscription);
    if (event.kind === "limits.updated") {
      for (const { id } of event.removed) {
        const isThere = this.#limits.delete(id);
        demand(isThere, () => `limit ${id} is removed and was not there`);
      }
      for (const { limit, restarts } of event.limits) this.#noteLimit(limit, restarts);
    }
    if (event.kind === "limit.removed") this.#limits.delete(event.limit.id);
    if (event.kind === "limit.updated") this.#noteLimit(event.limit, event.restarts);
  }

  /** Limits that a path meets, from near to far; a member's own stands for the default of its kind (RULES 3). */
  on({ member, sponsors, groups }: Path): Met[] {
    const all = [...this.#limits.values()].toSorted((a, b) => (a.limit.id < b.limit.id ? -1 : 1));
    const of = (kind: Limit["scope"]["kind"], id?: string): Standing[] =>
      all.filter(
        ({ limit: { scope } }) =>
          scope.kind === kind && (id === undefined || ("id" in scope && scope.id === id)),
      );
    const met: Met[] = [];
    for (const id of [member, ...sponsors]) {
      const own = of("member", id);
      const inherited = of("eachMember").filter(
        (each) =>
          !own.some(
            (one) =>
              one.limit.id.startsWith(ofPlans) === each.limit.id.startsWith(ofPlans) &&
              isSameKind(one.limit.rule, each.limit.rule),
          ),
      );
      for (const standing of [...own, ...inherited]) met.push({ standing, node: id });
    }
    for (const id of groups)
      for (const standing of of("group", id)) met.push({ standing, node: id });
    for (const standing of of("workspace")) met.push({ standing, node: "" });
    return met;
  }

  #noteLimit(limit: Limit, restarts: boolean): void {
    const isRestart = this.#put(limit) === "anew";
    demand(restarts === isRestart, () => `limit ${limit.id} counts anew: ${restarts}`);
    demand(!limit.id.startsWith(ofPlans), () => `the workspace has set ${limit.id} of its plan`);
  }

  /** One that ended before another began has only revenue to come. */
  #notePlan({ id, status, plan }: Subscription): void {
    if (status === "ended" && id !== this.#plan) return;
    this.#plan = id;
    const wanted = status === "ended" ? [] : (plan.limits ?? []);
    for (const known of this.#limits.keys())
      if (known.startsWith(ofPlans) && !wanted.some((one) => one.id === known))
        this.#limits.delete(known);
    for (const limit of wanted) this.#put(limit);
  }

  #put(limit: Limit): "goes on" | "anew" | "begins" {
    const before = this.#limits.get(limit.id);
    const keeps = before !== undefined && isSameCount(before.limit, limit);
    const epoch = keeps ? before.epoch : (this.#epochs += 1);
    this.#limits.set(limit.id, { limit, epoch });
    if (before === undefined) return "begins";
    return keeps ? "goes on" : "anew";
  }
}

/** What ids of a plan's limits begin with. */
const ofPlans = "plan:";

/** A cap whose window stays, or a rate whose pace stays, at the same node. */
function isSameCount(a: Limit, b: Limit): boolean {
  if (JSON.stringify(a.scope) !== JSON.stringify(b.scope)) return false;
  if (a.rule.kind === "rate" && b.rule.kind === "rate" && a.rule.quantity !== b.rule.quantity)
    return false;
  return isSameKind(a.rule, b.rule);
}

function isSameKind(a: LimitRule, b: LimitRule): boolean {
  if (a.kind === "rate") return b.kind === "rate" && a.unit === b.unit && a.perMs === b.perMs;
  return b.kind === a.kind && JSON.stringify(a.window) === JSON.stringify(b.window);
}
