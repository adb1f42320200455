import { type GrantRequest, parseCredits } from "@cistern/contract";
import { type Grant as GrantCommand, credits, workspaceOf } from "@cistern/kernel";
import { grantBody, lotAfter } from "../answers/grant.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import { readInstant } from "../calls/read-field.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";

const priorityDefault = 50;

/** Grants: made, listed, taken back. */
export function grantHandlers(
  parts: ApiParts,
): HandlersOf<"createGrant" | "listGrants" | "getGrant" | "revokeGrant"> {
  const { engine } = parts;
  const currencyOf = rememberCurrencies(parts);
  return {
    async createGrant({ params: { workspace: workspaceId }, body, key }) {
      const currency = readCurrency({
        "/cost": body.cost,
        "/tax": body.tax,
        "/fee": body.fee,
        "/bonus/ssp": body.bonus?.ssp,
      });
      const answer = await carryOut(engine, "credits.granted", {
        workspaceId,
        key,
        command: {
          kind: "grant",
          grant: parts.newId("grt"),
          credits: credits(parseCredits(body.credits)),
          source: body.source,
          cost: readMoney(body.cost),
          currency,
          priority: body.priority ?? priorityDefault,
          effectiveAt: readInstant("/effectiveAt", body.effectiveAt),
          expiresAt: readInstant("/expiresAt", body.expiresAt),
          appliesTo: body.appliesTo ?? null,
          reference: body.reference ?? null,
          ...saleOf(body, parts),
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const books = currency ?? (await currencyOf(workspaceId));
      const grant = grantBody(lotAfter(event.lot, event.transfers), books, position);
      return { kind: "done", status: 201, body: grant, isReplayed };
    },

    async listGrants({ params, query }) {
      const answer = await ask(engine, params.workspace, (state) => ({
        page: pageById(state.pool.lots.values(), query),
        currency: workspaceOf(state)?.currency ?? "",
      }));
      if (answer.kind === "refused") return answer;
      const { page, currency } = answer.value;
      return {
        kind: "done",
        status: 200,
        body: {
          data: page.rows.map((lot) => grantBody(lot, currency, answer.at)),
          ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
        },
      };
    },

    async getGrant({ params: { workspace, grant } }) {
      const answer = await ask(engine, workspace, (state) => ({
        lot: state.pool.lots.get(grant),
        currency: workspaceOf(state)?.currency ?? "",
      }));
      if (answer.kind === "refused") return answer;
      const { lot, currency } = answer.value;
      if (lot === undefined)
        return refuse("unknown_grant", `There is no grant ${grant} in workspace ${workspace}.`);
      return { kind: "done", status: 200, body: grantBody(lot, currency, answer.at) };
    },

    async revokeGrant({ params: { workspace: workspaceId, grant }, body, key }) {
      const amount = body.credits === undefined ? null : credits(parseCredits(body.credits));
      const answer = await carryOut(engine, "credits.revoked", {
        workspaceId,
        key,
        command: { kind: "revoke", grant, credits: amount },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const left = grantBody(event.left, await currencyOf(workspaceId), position);
      return { kind: "done", status: 200, body: left, isReplayed };
    },
  };
}

/** What is particular about a sale; nothing for most. */
function saleOf(
  { bonus, payment, tax, fee, breakageBps, escheats }: GrantRequest,
  { newId }: ApiParts,
): Pick<GrantCommand, "bonus" | "payment" | "breakage" | "escheats"> {
  const isPlain = payment === undefined && tax === undefined && fee === undefined;
  return {
    ...(bonus === undefined
      ? {}
      : {
          bonus: {
            grant: newId("grt"),
            credits: credits(parseCredits(bonus.credits)),
            ssp: bonus.ssp === undefined ? null : readMoney(bonus.ssp),
          },
        }),
    ...(isPlain
      ? {}
      : { payment: { kind: payment ?? "invoiced", tax: readMoney(tax), fee: readMoney(fee) } }),
    ...(breakageBps === undefined ? {} : { breakage: breakageBps }),
    ...(escheats === undefined ? {} : { escheats }),
  };
}

const currenciesMax = 10_000;

/** A workspace's currency never changes: it is read once, from the first event of its journal, and the workspace stays where it is. */
export function rememberCurrencies({ engine }: Pick<ApiParts, "engine">) {
  const known = new Map<string, string>();
  return async (workspaceId: string): Promise<string> => {
    const found = known.get(workspaceId);
    if (found !== undefined) return found;
    const page = await engine.events(workspaceId, { seq: 0, index: 0 }, 1);
    const first = page.kind === "page" ? page.events[0]?.event : undefined;
    if (first?.kind !== "workspace.created")
      throw new Error(`The journal of ${workspaceId} does not begin with the workspace.`);
    const { currency } = first.workspace;
    if (known.size >= currenciesMax) known.clear();
    known.set(workspaceId, currency);
    return currency;
  };
}
