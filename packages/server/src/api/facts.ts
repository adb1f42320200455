/** Owns the one reading of facts for whoever gets them: the feed, webhooks, streams. */
import type { FactPage, Place, ReadFacts } from "../outbound/index.ts";
import { cloudEvent } from "./answers/cloud-event.ts";
import { rememberCurrencies } from "./handlers/grants.ts";
import type { ApiParts } from "./parts.ts";

/** Facts of a workspace after a place, in the form in which they leave. A place without hash is taken unchecked. */
export function factsOf(engine: ApiParts["engine"]): ReadFacts {
  const currencyOf = rememberCurrencies({ engine });
  return async (workspaceId, { seq, index, hash }, limit): Promise<FactPage> => {
    const after = hash === "" ? { seq, index } : { seq, index, hash };
    const page = await engine.events(workspaceId, after, limit);
    if (page.kind !== "page") return page;
    const currency = page.events.length === 0 ? "" : await currencyOf(workspaceId);
    const facts = page.events.map((one) => {
      const place: Place = { ...one.position, hash: one.hash };
      const event = cloudEvent(one.event, { workspaceId, ...one, currency });
      return { event, place };
    });
    return { kind: "page", facts };
  };
}
