import { type State, cardInForce, entitlements, isOpen, workspaceOf } from "@cistern/kernel";
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

    async getEntitlement({ params: { workspace, feature }, query: { kind = null } }) {
      const answer = await ask(engine, workspace, (state: State, now: Instant) => ({
        included: isOpen(state, cardInForce(state, rateCards(now)), { name: feature, kind }),
        plan: state.subscriptions.live.row?.plan.name,
      }));
      if (answer.kind === "refused") return answer;
      const { included, plan } = answer.value;
      const named = plan === undefined ? {} : { plan };
      const body = { feature, included, ...named, at: answer.at };
      return { kind: "done", status: 200, body };
    },
  };
}
