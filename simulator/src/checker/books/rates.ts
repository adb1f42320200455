/** Owns what rates let through, and what a plan has reserved: how full each is, as a leaking bucket. */
import { type LimitRule, type Path, type RateCharge, reserveId } from "@cistern/kernel";
import { demand } from "./accounts.ts";
import type { Reserved } from "./plans.ts";
import type { Met } from "./standing-limits.ts";

interface Bucket {
  /** Units in it, times `perMs`. */
  fill: bigint;
  atMs: number;
}

/** Mutable: one for each timeline. */
export class Rates {
  readonly #rates = new Map<string, Bucket>();

  /** An approval is charged to every rate that it meets, and each has room for it. */
  check(
    event: { readonly at: number; readonly credits: bigint; readonly rates: readonly RateCharge[] },
    {
      met,
      path,
      requests,
      reserved,
    }: { met: readonly Met[]; path: Path; requests: bigint; reserved: Reserved | undefined },
  ): void {
    const asked = { requests, credits: event.credits };
    const isCarried = this.#checkReserved(event, { path, asked, reserved });
    // What a plan has reserved stands in for the rates of the workspace, and of the group that it is for.
    const isMet = ({ standing: { limit }, node }: Met): boolean =>
      !isCarried ||
      !(
        limit.scope.kind === "workspace" ||
        (limit.scope.kind === "group" && node === reserved?.group)
      );
    const hit = (["requests", "credits"] as const).flatMap((unit) =>
      met
        .filter(({ standing: { limit } }) => limit.rule.kind === "rate" && limit.rule.unit === unit)
        .filter((one) => asked[unit] > 0n && isMet(one)),
    );
    demand(
      hit.length + (isCarried ? 1 : 0) === event.rates.length,
      () => `${hit.length} rates are on the path, ${event.rates.length} are charged`,
    );
    for (const [index, { standing, node }] of hit.entries()) {
      const charge = event.rates[index];
      const { id, rule } = standing.limit;
      if (rule.kind !== "rate") continue;
      demand(charge?.limit === id, () => `rate ${id} is not charged`);
      const left = this.#pour(`${id} ${standing.epoch} ${node}`, rule, event.at, asked[rule.unit]);
      demand(left >= 0n, () => `rate ${id} lets through more than it may`);
      demand(
        charge.remaining === left,
        () => `rate ${id} has ${left} left, not ${charge.remaining}`,
      );
    }
  }

  /** A call of the group that fits into what a plan has reserved is carried by it, and no other is. */
  #checkReserved(
    event: { readonly at: number; readonly rates: readonly RateCharge[] },
    {
      path,
      asked,
      reserved,
    }: {
      path: Path;
      asked: { readonly requests: bigint; readonly credits: bigint };
      reserved: Reserved | undefined;
    },
  ): boolean {
    const said = event.rates.find(({ limit }) => limit === reserveId);
    const isFor =
      reserved !== undefined && (reserved.group === null || path.groups.includes(reserved.group));
    const units = reserved === undefined ? 0n : asked[reserved.rule.unit];
    if (!isFor || units === 0n) {
      demand(said === undefined, () => "what is reserved carries a call that it is not for");
      return false;
    }
    const name = `reserved ${reserved.epoch}`;
    const before = this.#rates.get(name);
    const left = this.#pour(name, reserved.rule, event.at, units);
    demand((said !== undefined) === left >= 0n, () => `what is reserved has ${left} left`);
    if (said === undefined) {
      if (before === undefined) this.#rates.delete(name);
      else this.#rates.set(name, before);
      return false;
    }
    demand(said.remaining === left, () => `${left} are reserved still, not ${said.remaining}`);
    return true;
  }

  /** Pours units into a bucket that leaks `quantity` per `perMs`; gives the units that still fit, below 0 when it ran over. */
  #pour(
    name: string,
    rule: Extract<LimitRule, { kind: "rate" }>,
    atMs: number,
    units: bigint,
  ): bigint {
    const perMs = BigInt(rule.perMs);
    const bucket = this.#rates.get(name) ?? { fill: 0n, atMs };
    const leaked = BigInt(atMs - bucket.atMs) * rule.quantity;
    const fill = (bucket.fill > leaked ? bucket.fill - leaked : 0n) + units * perMs;
    this.#rates.set(name, { fill, atMs });
    const room = rule.burst * perMs - fill;
    return room < 0n ? -1n : room / perMs;
  }
}
