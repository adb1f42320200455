import { printCredits } from "@cistern/contract";
import {
  type OpenHold,
  type RateCard,
  type Rejection,
  cardInForce,
  findPrice,
  rate,
} from "@cistern/kernel";
import { drawnPart } from "../answers/fairness.ts";
import { unitShares } from "../answers/units.ts";
import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";
import { unknownWorkspace } from "../problems/problem.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";
import { openHoldCommand } from "./holds.ts";

/** What a hold would cost, and whether it would be allowed; without effect. */
export function quoteHandlers(parts: ApiParts): HandlersOf<"createQuote"> {
  return {
    async createQuote({ params: { workspace: workspaceId }, body }) {
      const command = openHoldCommand(body, parts.newId("hld"));
      const answer = await parts.engine.quote(workspaceId, command);
      if (answer.kind === "unknown_workspace") return unknownWorkspace(workspaceId);
      const { value: decision, at, asOf } = answer;
      if (decision.kind === "rejected") {
        const refusal = rejectionRefusal(decision.rejection, {
          workspaceId,
          decidedAt: asOf,
          at,
          asker: "The hold",
        });
        const card = await parts.engine.read(workspaceId, (state) =>
          cardInForce(state, parts.rateCards(asOf)),
        );
        const price = card.kind === "unknown_workspace" ? undefined : priced(card.value, command);
        if (price === undefined || hasNoPrice(decision.rejection)) return refusal;
        const quote = {
          credits: printCredits(price),
          allowed: false,
          problem: refusal.problem,
        } as const;
        return { kind: "done", status: 200, body: quote };
      }
      const { event } = decision;
      if (event.kind !== "hold.opened") throw new Error(`A quote became ${event.kind}.`);
      const quote = {
        credits: printCredits(event.credits),
        ...unitShares(event.units, "held"),
        ...drawnPart(event.drawn),
        allowed: true,
      } as const;
      return { kind: "done", status: 200, body: quote };
    },
  };
}

/** Faults of the question itself, which is then no quote at all. */
function hasNoPrice({ code }: Rejection): boolean {
  return (
    code === "unknown_meter" ||
    code === "unknown_model" ||
    code === "unknown_run" ||
    code === "invalid_request"
  );
}

function priced(
  card: RateCard,
  { amount, meter, model, attributes }: OpenHold,
): bigint | undefined {
  if (amount.kind === "credits") return amount.credits;
  if (meter === null) return undefined;
  const found = findPrice(card, { meter, model, attributes });
  return found.kind === "price" ? rate(found.price, amount.usage) : undefined;
}
