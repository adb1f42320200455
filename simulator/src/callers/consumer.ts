import type { FeedCursor } from "cistern/engine";
import type { History } from "../history/call.ts";
import type { Node } from "../nodes/node.ts";
import type { Chance } from "../world/chance.ts";
import type { World } from "../world/world.ts";
import type { Known } from "./known.ts";

const start: FeedCursor = { seq: 0, index: 0 };

/**
 * Reads the feed of one workspace to its end again and again, as a webhook or a dashboard would, with the cursor that the
 * last page gave. When its cursor is lost it begins anew: what it has seen already it knows by position and hash.
 */
export class Consumer {
  readonly #workspaceId: string;
  readonly #parts: ConsumerParts;
  #cursor: FeedCursor = start;

  constructor(workspaceId: string, parts: ConsumerParts) {
    this.#workspaceId = workspaceId;
    this.#parts = parts;
  }

  /** Reads one page; answers whether there may be more. */
  async readPage(): Promise<boolean> {
    const { world, history, nodes, chance } = this.#parts;
    const node = chance.pick(nodes);
    const askedUs = world.nowUs;
    const after = this.#cursor;
    const page = await node?.events(this.#workspaceId, after, chance.between(1, 60));
    if (page === undefined) return true;
    if (page.kind === "unknown_workspace") return false;
    const read = { workspaceId: this.#workspaceId, askedUs, answeredUs: world.nowUs, after };
    history.feed.push({ ...read, events: page.kind === "page" ? page.events : undefined });
    // Whoever follows the feed hears of what happens by itself: drafts, and credits that a rule asks for.
    if (page.kind === "page")
      for (const { event } of page.events) this.#parts.known?.billing?.learn(event);
    this.#cursor = page.kind === "page" ? page.next : start;
    return page.kind === "cursor_lost" || page.events.length > 0;
  }
}

/** What a consumer needs. */
export interface ConsumerParts {
  readonly world: World;
  readonly history: History;
  readonly nodes: readonly Node[];
  readonly chance: Chance;
  readonly known: Known | undefined;
}
