import { type DebitRequest, parseCredits } from "@cistern/contract";
import { type Debit, credits } from "@cistern/kernel";
import { debitBody, refundBody } from "../answers/debit.ts";
import type { HandlersOf } from "../calls/call.ts";
import { carryOut } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { amountOf, readAttributes } from "./holds.ts";
import { unchargeSettled } from "./uncharging.ts";

/** Usage that was not held, and usage that is given back. */
export function debitHandlers(parts: ApiParts): HandlersOf<"createDebit" | "createRefund"> {
  const { engine } = parts;
  return {
    async createDebit({ params, body, key }) {
      const answer = await carryOut(engine, "usage.debited", {
        workspaceId: params.workspace,
        key,
        command: {
          kind: "debit",
          debit: parts.newId("dbt"),
          member: body.member,
          meter: body.meter ?? null,
          model: body.model ?? null,
          amount: debitedAmount(body),
          occurredAt: readInstant("/occurredAt", body.occurredAt),
          run: body.run ?? null,
          project: body.project ?? null,
          isEstimated: body.estimated ?? false,
          response: body.response ?? null,
          attributes: readAttributes(body.attributes),
        },
        asker: "The debit",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const undecided = await unchargeSettled(parts, params.workspace, { opId: key.opId, event });
      if (undecided !== undefined) return undecided;
      return { kind: "done", status: 201, body: debitBody(event, position), isReplayed };
    },

    async createRefund({ params, body, key }) {
      const answer = await carryOut(engine, "usage.refunded", {
        workspaceId: params.workspace,
        key,
        command: {
          kind: "refund",
          refund: parts.newId("rfd"),
          of: body.of,
          credits: body.credits === undefined ? null : credits(parseCredits(body.credits)),
          reason: body.reason ?? null,
          recalled: null,
        },
        asker: "The refund",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 201, body: refundBody(event, position), isReplayed };
    },
  };
}

/** The schema has seen to it that both instants stand there or none, and with usage alone. */
function debitedAmount({ credits: said, usage = {}, from, to }: DebitRequest): Debit["amount"] {
  const start = readInstant("/from", from);
  const end = readInstant("/to", to);
  return start === null || end === null
    ? amountOf(said, usage)
    : { kind: "level", usage, over: { start, end } };
}
