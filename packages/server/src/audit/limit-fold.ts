/**
 * Owns the auditor's own list of limits: those of the workspace, and those of its plan.
 *
 * V9 limits of the plan count while it is the workspace's, and anew where their node, window or pace is another.
 */
import type { Event, Limit, Path, Subscription } from "@cistern/kernel";

/** A limit at a node of a path. `node` is who counts apart, of limits of members; empty where all count together. */
export interface MetLimit {
  readonly limit: Limit;
  readonly node: string;
}

/** Limits as the events said. Mutable. */
export class LimitFold {
  readonly #own = new Shelf();
  #plan: { readonly id: string; readonly limits: Shelf } = { id: "", limits: new Shelf() };

  /** Gives the ids of limits that count from nothing now, or are no more. */
  fold(event: Event): readonly string[] {
    if ("subscription" in event) return this.#foldPlan(event.subscription);
    switch (event.kind) {
      case "limit.updated":
        this.#own.put(event.limit);
        return event.restarts ? [event.limit.id] : nothing;
      case "limit.removed":
        return this.#remove([event.limit]);
      case "limits.updated": {
        const removed = this.#remove(event.removed);
        for (const { limit } of event.limits) this.#own.put(limit);
        const anew = event.limits.filter(({ restarts }) => restarts);
        return [...removed, ...anew.map(({ limit }) => limit.id)];
      }
      case "credit_request.approved":
        if (event.limit !== undefined) this.#own.put(event.limit);
        return nothing;
      default:
        return nothing;
    }
  }

  /** All limits of a path (RULES 3): beside those of the workspace, those of its plan. */
  on(path: Path): readonly MetLimit[] {
    return [...this.#own.on(path), ...this.#plan.limits.on(path)];
  }

  #remove(limits: readonly Limit[]): readonly string[] {
    for (const { id } of limits) this.#own.remove(id);
    return limits.map(({ id }) => id);
  }

  /** V9. */
  #foldPlan({ id, status, plan }: Subscription): readonly string[] {
    // What is told of one that ended before says nothing of the one that runs.
    if (this.#plan.id !== id && status === "ended") return nothing;
    const limits = new Shelf();
    if (status !== "ended") for (const limit of plan.limits ?? []) limits.put(limit);
    const dropped = [...this.#plan.limits.all].filter((before) => {
      const after = limits.get(before.id);
      return after === undefined || countedBy(before) !== countedBy(after);
    });
    this.#plan = { id, limits };
    return dropped.map((one) => one.id);
  }
}

/** Limits, to be found by the node that they stand at. */
class Shelf {
  readonly #byId = new Map<string, Limit>();
  readonly #byScope = new Map<string, Map<string, Limit>>();

  get all(): Iterable<Limit> {
    return this.#byId.values();
  }

  get(id: string): Limit | undefined {
    return this.#byId.get(id);
  }

  put(limit: Limit): void {
    this.remove(limit.id);
    this.#byId.set(limit.id, limit);
    const scope = scopeOf(limit);
    const there = this.#byScope.get(scope) ?? new Map<string, Limit>();
    this.#byScope.set(scope, there.set(limit.id, limit));
  }

  remove(id: string): void {
    const before = this.#byId.get(id);
    if (before === undefined) return;
    this.#byId.delete(id);
    this.#byScope.get(scopeOf(before))?.delete(id);
  }

  /** A member's own limit stands for the default of the same kind and window. */
  *on({ member, sponsors, groups }: Path): Generator<MetLimit> {
    for (const node of [member, ...sponsors]) {
      const own = this.#at(`member ${node}`);
      for (const limit of own) yield { limit, node };
      for (const limit of this.#at("eachMember "))
        if (!own.some((one) => named(one) === named(limit))) yield { limit, node };
    }
    for (const scope of [...groups.map((id) => `group ${id}`), "workspace "])
      for (const limit of this.#at(scope)) yield { limit, node: "" };
  }

  #at(scope: string): readonly Limit[] {
    return [...(this.#byScope.get(scope)?.values() ?? [])];
  }
}

const nothing: readonly string[] = [];

const scopeOf = ({ scope }: Limit): string => `${scope.kind} ${"id" in scope ? scope.id : ""}`;

const named = ({ rule }: Limit): string =>
  rule.kind === "rate"
    ? `rate ${rule.unit} ${rule.perMs}`
    : `${rule.kind} ${JSON.stringify(rule.window)}`;

/** Node and window of a cap, node and pace of a rate. */
function countedBy(limit: Limit): string {
  const { rule } = limit;
  return `${scopeOf(limit)} ${named(limit)} ${rule.kind === "rate" ? rule.quantity : ""}`;
}
