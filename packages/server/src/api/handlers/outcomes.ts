import type { OutcomeRequest } from "@cistern/contract";
import {
  type ClaimOutcome,
  type Command,
  type OutcomeSaid,
  type State,
  claimOf,
  workspaceOf,
} from "@cistern/kernel";
import { type ToldOutcome, outcomeBody, saidBody, signalBody } from "../answers/outcome.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { pageById } from "../calls/pages.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { refuse } from "../problems/problem.ts";
import { rememberCurrencies } from "./grants.ts";

/** Results that are paid for: claimed, confirmed, reopened, disputed, and read. */
export function outcomeHandlers(
  parts: ApiParts,
): HandlersOf<
  | "createOutcome"
  | "createSignal"
  | "listOutcomes"
  | "getOutcome"
  | "reopenOutcome"
  | "confirmOutcome"
  | "disputeOutcome"
> {
  const { engine } = parts;
  const currencyOf = rememberCurrencies(parts);

  const say = async (
    { command, kind }: { readonly command: Command; readonly kind: OutcomeSaid["kind"] },
    { workspaceId, key }: { readonly workspaceId: string; readonly key: RequestKey },
  ) => {
    const answer = await carryOut(engine, kind, { workspaceId, key, command });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    const body = saidBody(event, await currencyOf(workspaceId), position);
    return { kind: "done", status: 200, body, isReplayed } as const;
  };

  return {
    async createOutcome({ params: { workspace: workspaceId }, body, key }) {
      const command = claimOfRequest(parts, body);
      const answer = await say({ command, kind: "outcome.claimed" }, { workspaceId, key });
      return answer.kind === "done" ? { ...answer, status: 201 } : answer;
    },

    async createSignal({ params: { workspace: workspaceId }, body, key }) {
      const answer = await carryOut(engine, "outcome.signalled", {
        workspaceId,
        key,
        command: {
          kind: "signalCase",
          signal: body.kind,
          customer: body.customer,
          topic: body.topic,
          conversation: body.conversation ?? null,
          occurredAt: readInstant("/occurredAt", body.occurredAt),
        },
      });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      const signal = signalBody(event, await currencyOf(workspaceId), position);
      return { kind: "done", status: 201, body: signal, isReplayed };
    },

    async listOutcomes({ params, query }) {
      const answer = await ask(engine, params.workspace, (state) => {
        const page = pageById(state.outcomes.outcomes.values(), query);
        const rows = page.rows.flatMap(({ id }) => toldOf(state, id) ?? []);
        return { page, rows, currency: workspaceOf(state)?.currency ?? "" };
      });
      if (answer.kind === "refused") return answer;
      const { page, rows, currency } = answer.value;
      return {
        kind: "done",
        status: 200,
        body: {
          data: rows.map((row) => outcomeBody(row, currency, answer.at)),
          ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
        },
      };
    },

    async getOutcome({ params: { workspace, outcome } }) {
      const answer = await ask(engine, workspace, (state) => ({
        told: toldOf(state, outcome),
        currency: workspaceOf(state)?.currency ?? "",
      }));
      if (answer.kind === "refused") return answer;
      const { told, currency } = answer.value;
      if (told === undefined)
        return refuse(
          "unknown_outcome",
          `There is no outcome ${outcome} in workspace ${workspace}.`,
        );
      return { kind: "done", status: 200, body: outcomeBody(told, currency, answer.at) };
    },

    async reopenOutcome({ params: { workspace: workspaceId, outcome }, body, key }) {
      const occurredAt = readInstant("/occurredAt", body.occurredAt);
      const command = { kind: "reopenOutcome", outcome, occurredAt } as const;
      return await say({ command, kind: "outcome.reopened" }, { workspaceId, key });
    },

    async confirmOutcome({ params: { workspace: workspaceId, outcome }, body, key }) {
      const occurredAt = readInstant("/occurredAt", body.occurredAt);
      const attestor = body.attestor ?? null;
      const command = { kind: "confirmOutcome", outcome, attestor, occurredAt } as const;
      return await say({ command, kind: "outcome.confirmed" }, { workspaceId, key });
    },

    async disputeOutcome({ params: { workspace: workspaceId, outcome }, body, key }) {
      const { reason = null, resolution = null } = body;
      const command = { kind: "disputeOutcome", outcome, reason, resolution } as const;
      return await say({ command, kind: "outcome.disputed" }, { workspaceId, key });
    },
  };
}

const claimOfRequest = ({ newId }: ApiParts, body: OutcomeRequest): ClaimOutcome => ({
  kind: "claimOutcome",
  outcome: newId("out"),
  type: body.type,
  customer: body.customer ?? null,
  topic: body.topic ?? null,
  conversation: body.conversation ?? null,
  channel: body.channel ?? null,
  quantity: BigInt(body.quantity ?? 1),
  part: body.part ?? null,
  evidence:
    body.evidence === undefined
      ? null
      : { hash: body.evidence.hash, attestor: body.evidence.attestor ?? null },
  isTest: body.test ?? false,
  isSubstantive: body.substantive ?? true,
  occurredAt: readInstant("/occurredAt", body.occurredAt),
});

function toldOf({ outcomes }: State, id: string): ToldOutcome | undefined {
  const outcome = outcomes.outcomes.get(id);
  const known = outcome === undefined ? undefined : outcomes.cases.get(outcome.case);
  const claim = known === undefined ? undefined : claimOf(known, id);
  return outcome === undefined || known === undefined || claim === undefined
    ? undefined
    : { outcome, claim, about: known.about, facts: known.facts };
}
