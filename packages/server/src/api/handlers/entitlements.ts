import {
  type State,
  cardInForce,
  closedByPolicy,
  entitlements,
  isOpen,
  workspaceOf,
} from "@cistern/kernel";
import type { Instant } from "@cistern/kernel";
import { entitlementsBody } from "../answers/entitlements.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";

/** What the plan of a workspace opens: asked without credits. */
export function entitlementHandlers({
  engine,
  rateCards,
}: ApiParts): HandlersOf<"getEntitlements" | "getEntitlement"> {
  return {
    async getEntitlements({ params: { workspace } }) {
      const answer = await ask(engine, workspace, (state: State, now: Instant) => ({
        standing: entitlements(state, now),
        currency: workspaceOf(state)?.currency ?? "",
      }));
      if (answer.kind === "refused") return answer;
      const { standing, currency } = answer.value;
      return { kind: "done", status: 200, body: entitlementsBody(standing, currency, answer.at) };
    },

    async getEntitlement({ params: { workspace, feature }, query }) {
      const { kind = null, member = null } = query;
      const asked = { name: feature, kind, member };
      const answer = await ask(engine, workspace, (state: State, now: Instant) => {
        const card = cardInForce(state, rateCards(now));
        const plan = state.subscriptions.live.row?.plan.name;
        const isInPlan = isOpen(state, card, asked);
        const policy = isInPlan ? closedByPolicy(state, card, asked)?.id : undefined;
        return {
          included: isInPlan && policy === undefined,
          ...(plan === undefined ? {} : { plan }),
          ...(policy === undefined ? {} : { policy }),
        };
      });
      if (answer.kind === "refused") return answer;
      const body = { feature, ...answer.value, at: answer.at };
      return { kind: "done", status: 200, body };
    },
  };
}
