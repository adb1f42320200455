import { parseCredits } from "@cistern/contract";
import { type Pack, type TopUpOutcome, credits, isOffered, workspaceOf } from "@cistern/kernel";
import { ruleBody, topUpBody } from "../answers/top-up.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { pageById } from "../calls/pages.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, refuse } from "../problems/problem.ts";

/** Packs of credits: asked for, paid for, and the rule that asks by itself. */
export const topUpHandlers = (parts: ApiParts): HandlersOf<PackRoute | EndRoute | RuleRoute> => ({
  ...packHandlers(parts),
  ...endHandlers(parts),
  ...ruleHandlers(parts),
});

type PackRoute = "createTopUp" | "listTopUps" | "getTopUp";
type EndRoute = "markTopUpPaid" | "markTopUpFailed";
type RuleRoute = "getTopUpRule" | "putTopUpRule";

function packHandlers(parts: ApiParts): HandlersOf<PackRoute> {
  const { engine, newId, topUps } = parts;
  return {
    async createTopUp({ params: { workspace: workspaceId }, body, key }) {
      const pack = packOf(parts, body.pack);
      if ("problem" in pack) return pack;
      const { quantity = 1, note = null } = body;
      await topUps.watch(workspaceId);
      const answer = await carryOut(engine, "top_up.requested", {
        workspaceId,
        key,
        command: { kind: "requestTopUp", topUp: newId("top"), pack, quantity, note },
        asker: "The top-up",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 201, body: topUpBody(event.topUp, position), isReplayed };
    },

    async listTopUps({ params, query }) {
      const answer = await ask(engine, params.workspace, (state) =>
        pageById(state.topUps.topUps.values(), query),
      );
      if (answer.kind === "refused") return answer;
      const { rows, nextCursor } = answer.value;
      const data = rows.map((one) => topUpBody(one, answer.at));
      const body = { data, ...(nextCursor === undefined ? {} : { nextCursor }) };
      return { kind: "done", status: 200, body };
    },

    async getTopUp({ params: { workspace, topUp } }) {
      const answer = await ask(engine, workspace, (state) => state.topUps.topUps.get(topUp));
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined)
        return refuse("unknown_top_up", `There is no top-up ${topUp} in workspace ${workspace}.`);
      return { kind: "done", status: 200, body: topUpBody(answer.value, answer.at) };
    },
  };
}

const endHandlers = (parts: ApiParts): HandlersOf<EndRoute> => ({
  markTopUpPaid: ({ params: { workspace: workspaceId, topUp }, body, key }) =>
    resolve(
      parts,
      { workspaceId, topUp, key },
      {
        payment: body.payment,
        outcome: {
          kind: "succeeded",
          amount: body.amount === undefined ? null : readMoney(body.amount),
          tax: readMoney(body.tax),
          fee: readMoney(body.fee),
          currency: readCurrency({ "/amount": body.amount, "/tax": body.tax, "/fee": body.fee }),
        },
      },
    ),

  markTopUpFailed: ({ params: { workspace: workspaceId, topUp }, body, key }) =>
    resolve(
      parts,
      { workspaceId, topUp, key },
      { payment: body.payment ?? null, outcome: { kind: "declined", reason: body.reason } },
    ),
});

function ruleHandlers(parts: ApiParts): HandlersOf<RuleRoute> {
  const { engine, newId, topUps } = parts;
  return {
    async getTopUpRule({ params: { workspace } }) {
      const answer = await ask(engine, workspace, (state) => {
        const { rule, pending } = state.topUps;
        if (rule.row === undefined) return undefined;
        const { row } = rule;
        return { rule: row, pending: pending.automatic?.id, isOffered: isOffered(state, row.pack) };
      });
      if (answer.kind === "refused") return answer;
      const { value, at } = answer;
      if (value === undefined)
        return refuse("no_top_up_rule", `Workspace ${workspace} buys nothing by itself.`);
      const { rule, pending, isOffered: offered } = value;
      const body = ruleBody(rule, { pending, isOffered: offered, at });
      return { kind: "done", status: 200, body };
    },

    async putTopUpRule({ params: { workspace: workspaceId }, body, key }) {
      const pack = packOf(parts, body.pack);
      if ("problem" in pack) return pack;
      await topUps.watch(workspaceId);
      const answer = await carryOut(engine, "top_up.rule_updated", {
        workspaceId,
        key,
        command: {
          kind: "putTopUpRule",
          isEnabled: body.enabled,
          pack,
          threshold: credits(parseCredits(body.threshold)),
          target: credits(parseCredits(body.target)),
          monthlyCeiling: readMoney(body.monthlyCeiling),
          currency: body.monthlyCeiling.currency,
          series: newId("top"),
        },
        asker: "The rule",
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const rule = ruleBody(event.rule, { pending: undefined, at: position });
      return { kind: "done", status: 200, body: rule, isReplayed };
    },
  };
}

/** Notes how a payment ended. */
async function resolve(
  parts: ApiParts,
  { workspaceId, topUp, key }: { workspaceId: string; topUp: string; key: RequestKey },
  { payment, outcome }: { payment: string | null; outcome: TopUpOutcome },
) {
  const { engine, newId, billing } = parts;
  const [grant, bonusGrant] = [newId("grt"), newId("grt")];
  const answer = await carryOut(engine, resolutions, {
    workspaceId,
    key,
    command: { kind: "resolveTopUp", topUp, payment, outcome, grant, bonusGrant },
    asker: "The payment",
  });
  if (answer.kind === "refused") return answer;
  const { event, position, isReplayed } = answer;
  // Its invoice has a number when this is answered; of a node that breaks off here it gets one when it is read.
  if (event.kind === "top_up.succeeded" && event.purchase !== undefined) {
    const zone = await ask(engine, workspaceId, (state) => workspaceOf(state)?.timeZone);
    const timeZone = zone.kind === "refused" ? undefined : zone.value;
    await billing.purchases.paper(workspaceId, event.purchase.invoice, timeZone ?? "UTC");
  }
  const since = isReplayed ? await chargedBack(parts, workspaceId, event.topUp.id) : undefined;
  const body = since ?? topUpBody(event.topUp, position);
  return { kind: "done", status: 200, body, isReplayed } as const;
}

/** A payment that is told again is answered as it was, but not as one that has come where a bank took it back since. */
async function chargedBack({ engine }: ApiParts, workspaceId: string, id: string) {
  const now = await ask(engine, workspaceId, (state) => state.topUps.topUps.get(id));
  return now.kind === "read" && now.value?.status === "charged_back"
    ? topUpBody(now.value, now.at)
    : undefined;
}

const resolutions = ["top_up.succeeded", "top_up.failed"] as const;

/** The pack as the catalog has it now. */
const packOf = (parts: ApiParts, name: string): Pack | Refusal =>
  parts.catalog.pack(name) ??
  refuse(
    "unknown_pack",
    `The catalog in force has no pack ${name}. Read it with GET /v1/catalog/current.`,
  );
