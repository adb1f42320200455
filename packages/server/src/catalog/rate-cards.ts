/**
 * Owns which rate card is in force (RULES 19): that of the latest version whose time has come, and before the first one the card
 * that the node was started with.
 *
 * V3 a node that has not read the versions for `staleMsMax` decides nothing: one that it does not know may be in force by then.
 * V4 neither does one that met a version which it cannot read: it was pushed by a newer Cistern, or is not what was pushed.
 */
import type { RateCard } from "@cistern/kernel";
import type { Pool } from "pg";
import { type Catalog, standardRateCard } from "./catalog.ts";
import { type CatalogVersion, versionsAfter } from "./versions.ts";

/** What it stands on. */
export interface RateCardsOptions {
  readonly pool: Pool;
  /** In force before the first version. */
  readonly first: Catalog;
  readonly clock: {
    now(): number;
    after(ms: number, callBack: () => void): () => void;
  };
  /** Told when reading failed; it is tried again. */
  readonly onFault: (error: unknown) => void;
}

/** See the file head. */
export interface RateCards {
  /** Reads what there is, then again and again. Rejects with `DatabaseFault` where the first time fails, or with `CatalogFault` (V4). */
  start(): Promise<void>;
  stop(): void;
  /** Reads now what was pushed meanwhile. Rejects as `start` does. */
  refresh(): Promise<void>;
  /** What was read, newest first. */
  versions(): readonly CatalogVersion[];
  /** The card in force at an instant, for workspaces whose plan names none. */
  at(ms: number): RateCard;
  /** The card of a name in force at an instant: that of the latest version that has one, since plans that name it may be pinned. */
  named(name: string, ms: number): RateCard | undefined;
  /** A version of a card that is, was or will be in force, by its id. */
  byId(id: string): RateCard | undefined;
  /** Why nothing may be decided by these cards now (V3, V4); undefined when it may. */
  fault(): string | undefined;
}

const refreshMs = 10_000;
/** With what a push may take, and the clocks' distance, well within `aheadMsMin`. */
const staleMsMax = 40_000;

/** See the file head. */
export function createRateCards(options: RateCardsOptions): RateCards {
  const follower = new RateCardsFollower(options);
  return {
    start: () => follower.start(),
    stop: () => follower.stop(),
    refresh: () => follower.refresh(),
    versions: () => follower.versions,
    at: (ms) => follower.at(ms),
    named: (name, ms) => follower.named(name, ms),
    byId: (id) => follower.byId(id),
    fault: () => follower.fault(),
  };
}

class RateCardsFollower {
  readonly #options: RateCardsOptions;
  /** Newest first. */
  #versions: (CatalogVersion & { readonly card: RateCard })[] = [];
  /** Equal ids have equal rows, so any of them will do. */
  readonly #byId = new Map<string, RateCard>();
  #readAt = Number.NEGATIVE_INFINITY;
  #cancel = (): void => {};
  #isStopped = false;
  readonly #firstCard: RateCard;

  constructor(options: RateCardsOptions) {
    this.#options = options;
    this.#firstCard = rateCardIn(options.first);
    for (const card of options.first.rateCards.values()) this.#byId.set(card.id, card);
  }

  get versions(): readonly CatalogVersion[] {
    return this.#versions;
  }

  async start(): Promise<void> {
    await this.#read();
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  refresh(): Promise<void> {
    return this.#read();
  }

  at(ms: number): RateCard {
    return this.#versions.find(({ effectiveAtMs }) => effectiveAtMs <= ms)?.card ?? this.#firstCard;
  }

  named(name: string, ms: number): RateCard | undefined {
    for (const { effectiveAtMs, catalog } of this.#versions) {
      const card = effectiveAtMs <= ms ? catalog.rateCards.get(name) : undefined;
      if (card !== undefined) return card;
    }
    return this.#options.first.rateCards.get(name);
  }

  byId(id: string): RateCard | undefined {
    return this.#byId.get(id);
  }

  fault(): string | undefined {
    const ageMs = this.#options.clock.now() - this.#readAt;
    if (ageMs <= staleMsMax) return undefined;
    return `This node has not read the catalog for ${Math.round(ageMs / 1_000)} s; it decides nothing until it has.`;
  }

  #later(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(refreshMs, () => {
      this.#read()
        .catch(this.#options.onFault)
        .finally(() => this.#later());
    });
  }

  async #read(): Promise<void> {
    const { pool, clock } = this.#options;
    const begunAt = clock.now();
    const known = this.#versions[0]?.version ?? 0;
    for (const version of await versionsAfter(pool, known)) {
      // Another read may have been quicker.
      if (version.version <= (this.#versions[0]?.version ?? 0)) continue;
      this.#versions.unshift({ ...version, card: rateCardIn(version.catalog) });
      for (const card of version.catalog.rateCards.values()) this.#byId.set(card.id, card);
    }
    this.#readAt = Math.max(this.#readAt, begunAt);
  }
}

/** The one that workspaces go by; C5 of `read-catalog.ts` says that there is one. */
export function rateCardIn({ rateCards }: Catalog): RateCard {
  const card = rateCards.get(standardRateCard) ?? [...rateCards.values()][0];
  if (card === undefined) throw new Error("A catalog has no rate card.");
  return card;
}
