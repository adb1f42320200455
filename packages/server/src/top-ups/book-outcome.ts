import type { ResolveTopUp, TopUpOutcome } from "@cistern/kernel";
import type { Answer, Engine } from "../engine/index.ts";
import type { TopUpPaymentOutcome } from "./port.ts";
import type { TopUpKey } from "./watch-list.ts";

/** What an outcome came to in the journal: `nothing` where there is nothing to book yet. */
export type BookedOutcome = Answer | { readonly kind: "nothing" };

/**
 * Books what a provider says of a payment (Y1 of `port.ts`): its answer, its webhook and a poll all come through here, in any
 * order and as often as they like. Rejects with `EngineFault`; then it is said again.
 */
export async function bookOutcome(
  { engine, newId }: { engine: Pick<Engine, "execute">; newId: (prefix: string) => string },
  { workspaceId, topUp }: TopUpKey,
  said: TopUpPaymentOutcome,
): Promise<BookedOutcome> {
  if (said.kind === "unknown") return { kind: "nothing" };
  const command: ResolveTopUp = {
    kind: "resolveTopUp",
    topUp,
    payment: said.kind === "succeeded" ? said.received.payment : said.payment,
    outcome: outcomeOf(said),
    grant: newId("grt"),
    bonusGrant: newId("grt"),
  };
  return await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
}

function outcomeOf(said: Exclude<TopUpPaymentOutcome, { readonly kind: "unknown" }>): TopUpOutcome {
  switch (said.kind) {
    case "succeeded": {
      const { amount, currency, tax, fee } = said.received;
      return { kind: "succeeded", amount, currency, tax, fee };
    }
    case "processing":
      return { kind: "processing" };
    case "requires_action":
      return { kind: "requires_action", action: said.action };
    case "declined":
      return { kind: "declined", reason: said.reason };
  }
}
