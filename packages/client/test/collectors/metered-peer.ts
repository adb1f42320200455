// What tests of collectors share: a collector on a peer that stands in for Cistern, and how its calls ended.
import { createCistern } from "@cistern/client";
import { type Collector, type CollectorOptions, createCollector } from "@cistern/client/metering";
import type { Peer } from "../peer.ts";

/** A collector for Ana of Acme. */
export function creditsOn(peer: Peer, options: Pick<CollectorOptions, "chargeBy"> = {}): Collector {
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test", retriesMax: 0 });
  return createCollector({ cistern, scope: { workspace: "acme", member: "ana" }, ...options });
}

/** What was charged, once all calls have ended. */
export async function settlements(credits: Collector, peer: Peer): Promise<readonly unknown[]> {
  await credits.idle();
  return peer.charged.map(({ body }) => body);
}

/** What was asked for, in order. */
export const asked = (peer: Peer): readonly unknown[] =>
  peer.arrived.filter(({ path }) => path.endsWith("/holds")).map(({ body }) => body);
