import { type State, entitlements, workspaceOf } from "@cistern/kernel";
import type { Instant } from "@cistern/kernel";
import { entitlementsBody } from "../answers/entitlements.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";

/** What the plan of a workspace opens: asked without credits. */
export function entitlementHandlers({
  engine,
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

    async getEntitlement({ params: { workspace, feature } }) {
      const answer = await ask(engine, workspace, (state: State, now: Instant) =>
        entitlements(state, now),
      );
      if (answer.kind === "refused") return answer;
      const { subscription, features } = answer.value;
      const plan = subscription === undefined ? {} : { plan: subscription.plan.name };
      const body = { feature, included: features.includes(feature), ...plan, at: answer.at };
      return { kind: "done", status: 200, body };
    },
  };
}
