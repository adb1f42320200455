import { parseCredits } from "@cistern/contract";
import { credits } from "@cistern/kernel";
import { chargebackBody, repaymentBody } from "../answers/given-back.ts";
import { grantBody } from "../answers/grant.ts";
import type { HandlersOf } from "../calls/call.ts";
import { carryOut } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { rememberCurrencies } from "./grants.ts";

/** What becomes of the money that was paid for a grant. */
export function givenBackHandlers(
  parts: ApiParts,
): HandlersOf<"createRepayment" | "createChargeback" | "escheatGrant" | "putBreakage"> {
  const { engine, newId } = parts;
  const currencyOf = rememberCurrencies(parts);
  return {
    async createRepayment({ params: { workspace: workspaceId, grant }, body, key }) {
      const { goodwill } = body;
      const answer = await carryOut(engine, "credits.repaid", {
        workspaceId,
        key,
        command: {
          kind: "repay",
          repayment: newId("rpy"),
          grant,
          credits: body.credits === undefined ? null : credits(parseCredits(body.credits)),
          goodwill: goodwill === undefined ? null : readMoney(goodwill),
          currency: readCurrency({ "/goodwill": goodwill }),
          occurredAt: readInstant("/occurredAt", body.occurredAt),
          reason: body.reason ?? null,
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const repayment = repaymentBody(event, await currencyOf(workspaceId), position);
      return { kind: "done", status: 201, body: repayment, isReplayed };
    },

    async createChargeback({ params: { workspace: workspaceId, grant }, body, key }) {
      const answer = await carryOut(engine, "credits.charged_back", {
        workspaceId,
        key,
        command: {
          kind: "chargeBack",
          chargeback: newId("cbk"),
          grant,
          fee: readMoney(body.fee),
          currency: readCurrency({ "/fee": body.fee }),
          occurredAt: readInstant("/occurredAt", body.occurredAt),
          reason: body.reason ?? null,
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const chargeback = chargebackBody(event, await currencyOf(workspaceId), position);
      return { kind: "done", status: 201, body: chargeback, isReplayed };
    },

    async escheatGrant({ params: { workspace: workspaceId, grant }, key }) {
      const command = { kind: "escheat", grant } as const;
      const answer = await carryOut(engine, "credits.escheated", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const body = grantBody(event.left, await currencyOf(workspaceId), position);
      return { kind: "done", status: 200, body, isReplayed };
    },

    async putBreakage({ params: { workspace: workspaceId, grant }, body, key }) {
      const command = { kind: "reviseBreakage", grant, breakage: body.breakageBps } as const;
      const answer = await carryOut(engine, "breakage.revised", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const left = grantBody(event.left, await currencyOf(workspaceId), position);
      return { kind: "done", status: 200, body: left, isReplayed };
    },
  };
}
