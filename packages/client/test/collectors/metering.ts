// A collector for Ana of Acme on a peer, and what it told the peer.
import { createCistern } from "@cistern/client";
import { type Collector, createCollector, type CollectorOptions } from "@cistern/client/metering";
import type { Peer } from "../peer.ts";

export function creditsOn(
  peer: Peer,
  options: Partial<Pick<CollectorOptions, "estimator" | "onFault">> = {},
): Collector {
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test", retriesMax: 0 });
  return createCollector({ cistern, scope: { workspace: "acme", member: "ana" }, ...options });
}

/** The bodies of all settles, once nothing is under way. */
export async function settled(peer: Peer, credits: Collector): Promise<readonly unknown[]> {
  await credits.idle();
  return peer.charged.map(({ body }) => body);
}

/** The bodies of all holds. */
export function held(peer: Peer): readonly unknown[] {
  return peer.arrived.filter(({ path }) => path.endsWith("/holds")).map(({ body }) => body);
}
