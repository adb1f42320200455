import { customerBalance, workspaceOf } from "@cistern/kernel";
import { customerBalanceBody, payoutBody } from "../answers/customer-balance.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { rememberCurrencies } from "./grants.ts";

/** What the vendor owes a customer, and how it is paid out. */
export function customerBalanceHandlers(
  parts: ApiParts,
): HandlersOf<"getCustomerBalance" | "createPayout"> {
  const { engine, newId } = parts;
  const currencyOf = rememberCurrencies(parts);
  return {
    async getCustomerBalance({ params: { workspace } }) {
      const answer = await ask(engine, workspace, (state, asOf) => ({
        standing: customerBalance(state),
        currency: workspaceOf(state)?.currency ?? "",
        asOf,
      }));
      if (answer.kind === "refused") return answer;
      const { standing, currency, asOf } = answer.value;
      const body = customerBalanceBody(standing, { currency, asOf, at: answer.at });
      return { kind: "done", status: 200, body };
    },

    async createPayout({ params: { workspace: workspaceId }, body, key }) {
      const { amount } = body;
      const answer = await carryOut(engine, "balance.paid_out", {
        workspaceId,
        key,
        command: {
          kind: "payOutBalance",
          payout: newId("pyo"),
          amount: amount === undefined ? null : readMoney(amount),
          currency: readCurrency({ "/amount": amount }),
          occurredAt: readInstant("/occurredAt", body.occurredAt),
          reference: body.reference ?? null,
        },
        asker: "The payout",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const payout = payoutBody(event, await currencyOf(workspaceId), position);
      return { kind: "done", status: 201, body: payout, isReplayed };
    },
  };
}
