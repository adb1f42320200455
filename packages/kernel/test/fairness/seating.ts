/** Who sits where in the tree of shares, as plain as can be (RULES 32, FAIRNESS 1.5, 1.6, 1.10). */
import type { Command } from "@cistern/kernel";
import { proportional, type Place, type Shares } from "./shares.ts";

/** What the oracle knows of somebody. */
interface Sitter {
  readonly id: string;
  readonly isPerson: boolean;
  readonly isKey: boolean;
  readonly home: string | null;
  readonly sponsor: string | null;
  isActive: boolean;
  guarantee: bigint;
  reach: bigint;
}

const seat = 1_000n;

export class Seating {
  readonly sitters = new Map<string, Sitter>();
  /** What is guaranteed to groups. */
  readonly guaranteed = new Map<string, bigint>();

  put({
    member,
    memberKind,
    home,
    groups,
    sponsor,
  }: Extract<Command, { kind: "putMember" }>): void {
    const before = this.sitters.get(member);
    this.sitters.set(member, {
      id: member,
      isPerson: memberKind === "person",
      isKey: memberKind === "key",
      home: home ?? groups[0] ?? null,
      sponsor,
      isActive: true,
      guarantee: before?.guarantee ?? 0n,
      reach: before?.reach ?? 1_000n,
    });
  }

  /** Somebody who was never registered. */
  welcome(id: string): void {
    if (this.sitters.has(id)) return;
    const nobody = { isPerson: false, isKey: false, home: null, sponsor: null, isActive: true };
    this.sitters.set(id, { id, ...nobody, guarantee: 0n, reach: 1_000n });
  }

  /** Somebody, and the keys that act for it, from now on inactive. */
  end(id: string): readonly string[] {
    const sitter = this.sitters.get(id);
    if (sitter === undefined) return [];
    const keys = [...this.sitters.values()].filter(
      (one) => one.isKey && one.id !== id && this.#actsFor(one, id),
    );
    for (const one of [sitter, ...keys]) one.isActive = false;
    return [id, ...keys.map((one) => one.id)];
  }

  #actsFor({ sponsor }: Sitter, id: string): boolean {
    if (sponsor === null || sponsor === id) return sponsor === id;
    const above = this.sitters.get(sponsor);
    return above !== undefined && this.#actsFor(above, id);
  }

  /** Persons weigh one seat; what acts for them shares it. */
  isSeated(id: string): boolean {
    const sitter = this.sitters.get(id);
    return sitter !== undefined && sitter.isActive && sitter.isPerson;
  }

  /** All places at the start of a period. `asking` is who asks first, if somebody does. */
  places(asking: string | null): Place[] {
    const seated = [...this.sitters.values()].filter(({ id }) => this.isSeated(id));
    const groups = [...new Set(seated.flatMap(({ home }) => home ?? []))];
    const places: Place[] = groups.map((group) => ({
      id: `group:${group}`,
      parent: "workspace",
      weight: seat * BigInt(seated.filter(({ home }) => home === group).length),
      guarantee: this.guaranteed.get(group) ?? 0n,
    }));
    for (const one of seated)
      places.push(
        ...this.#placesOf(one, one.home === null ? "workspace" : `group:${one.home}`, seat),
      );
    const strangers = [...this.sitters.values()].some(
      ({ id, isActive }) => isActive && this.#seatedAbove(id) === undefined,
    );
    const isStranger = asking !== null && this.#seatedAbove(asking) === undefined;
    if (strangers || isStranger) places.push(this.guests);
    return places;
  }

  readonly guests: Place = { id: "guests", parent: "workspace", weight: seat };

  #placesOf({ id, guarantee, reach }: Sitter, parent: string, weight: bigint): Place[] {
    const acting = [...this.sitters.values()]
      .filter(({ sponsor, isActive, isPerson }) => sponsor === id && isActive && !isPerson)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, Number(weight) - 1);
    const own: Place = { id: `member:${id}`, parent, weight, guarantee, reach };
    if (acting.length === 0) return [own];
    const weights = proportional(weight, [1n, ...acting.map(() => 1n)]);
    return [
      own,
      { id: `own:${id}`, parent: own.id, weight: weights[0] ?? 0n },
      ...acting.flatMap((one, index) => this.#placesOf(one, own.id, weights[index + 1] ?? 0n)),
    ];
  }

  /** Themselves, or the nearest they act for. */
  #seatedAbove(id: string): string | undefined {
    if (this.isSeated(id)) return id;
    const sponsor = this.sitters.get(id)?.sponsor ?? null;
    return sponsor === null ? undefined : this.#seatedAbove(sponsor);
  }

  /** The leaf on which somebody spends: undefined where the guests' is not there yet. */
  seatOf(shares: Shares, id: string): string | undefined {
    for (let one: string | null = id; one !== null; one = this.sitters.get(one)?.sponsor ?? null) {
      const node = shares.find(`member:${one}`);
      if (node === undefined || !node.isPresent) continue;
      return node.children.length > 0 ? `own:${one}` : node.id;
    }
    return shares.find(this.guests.id)?.id;
  }
}
