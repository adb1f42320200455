import type { OperationName } from "@cistern/contract";
import { type AnswerFile, type Printing, fileOf, hasFormat } from "./answers/file.ts";
import type { Handlers } from "./calls/call.ts";
import { type Operation, type ReportFault, bindOperations } from "./calls/operation.ts";
import { type Dispatch, type PathCall, createDispatch, createFind } from "./dispatcher.ts";
import { alertHandlers } from "./handlers/alerts.ts";
import { batchHandlers } from "./handlers/batch.ts";
import { billingProfileHandlers } from "./handlers/billing-profiles.ts";
import { booksHandlers } from "./handlers/books.ts";
import { catalogHandlers } from "./handlers/catalog.ts";
import { catalogDiffHandlers } from "./handlers/catalog-diff.ts";
import { consumerHandlers } from "./handlers/consumers.ts";
import { customerBalanceHandlers } from "./handlers/customer-balance.ts";
import { debitHandlers } from "./handlers/debits.ts";
import { entitlementHandlers } from "./handlers/entitlements.ts";
import { eventIntakeHandlers } from "./handlers/event-intake.ts";
import { fairnessHandlers } from "./handlers/fairness.ts";
import { fairnessReplayHandlers } from "./handlers/fairness-replay.ts";
import { feedHandlers } from "./handlers/feed.ts";
import { givenBackHandlers } from "./handlers/given-back.ts";
import { grantHandlers } from "./handlers/grants.ts";
import { healthHandlers } from "./handlers/health.ts";
import { holdHandlers } from "./handlers/holds.ts";
import { invoiceHandlers } from "./handlers/invoices.ts";
import { keyHandlers } from "./handlers/keys.ts";
import { limitHandlers } from "./handlers/limits.ts";
import { groupHandlers, memberHandlers } from "./handlers/members.ts";
import { outcomeHandlers } from "./handlers/outcomes.ts";
import { acceptanceHandlers, policyHandlers } from "./handlers/policies.ts";
import { quoteHandlers } from "./handlers/quotes.ts";
import { reconciliationHandlers } from "./handlers/reconciliation.ts";
import { recordHandlers } from "./handlers/records.ts";
import { runHandlers } from "./handlers/runs.ts";
import { requestHandlers } from "./handlers/requests.ts";
import { seatHandlers } from "./handlers/seats.ts";
import { standingHandlers } from "./handlers/standing.ts";
import { subscriptionHandlers } from "./handlers/subscriptions.ts";
import { topUpHandlers } from "./handlers/top-ups.ts";
import { traceIntakeHandlers } from "./handlers/trace-intake.ts";
import { useReportHandlers } from "./handlers/use-reports.ts";
import { webhookHandlers } from "./handlers/webhooks.ts";
import { workspaceHandlers } from "./handlers/workspaces.ts";
import type { StoredKey } from "../identity/index.ts";
import type { ApiParts } from "./parts.ts";
import { faultRefusal } from "./problems/fault-problem.ts";
import { type Refusal, refuse } from "./problems/problem.ts";

/** Every operation of the contract, and the way to them by method and path. */
export interface Operations {
  readonly byName: ReadonlyMap<OperationName, Operation>;
  readonly dispatch: Dispatch;
  /** The answer to a GET as a file, in the form that `?format` says. Never rejects: faults are answers. */
  readonly file: (path: string, caller: StoredKey | undefined) => Promise<AnswerFile | Refusal>;
}

/** Binds the whole contract to these parts. */
export function createOperations(parts: ApiParts, report: ReportFault): Operations {
  // A batch dispatches to the operations of which it is one.
  const dispatch: Dispatch = (call, caller) => toAll(call, caller);
  const handlers: Handlers = {
    ...workspaceHandlers(parts),
    ...memberHandlers(parts),
    ...groupHandlers(parts),
    ...limitHandlers(parts),
    ...policyHandlers(parts),
    ...acceptanceHandlers(parts),
    ...grantHandlers(parts),
    ...givenBackHandlers(parts),
    ...customerBalanceHandlers(parts),
    ...holdHandlers(parts),
    ...debitHandlers(parts),
    ...runHandlers(parts),
    ...quoteHandlers(parts),
    ...standingHandlers(parts),
    ...fairnessHandlers(parts),
    ...fairnessReplayHandlers(parts),
    ...subscriptionHandlers(parts),
    ...seatHandlers(parts),
    ...entitlementHandlers(parts),
    ...outcomeHandlers(parts),
    ...topUpHandlers(parts),
    ...alertHandlers(parts),
    ...requestHandlers(parts),
    ...invoiceHandlers(parts),
    ...billingProfileHandlers(parts),
    ...recordHandlers(parts),
    ...feedHandlers(parts),
    ...consumerHandlers(parts),
    ...booksHandlers(parts),
    ...useReportHandlers(parts),
    ...catalogHandlers(parts),
    ...catalogDiffHandlers(parts),
    ...keyHandlers(parts),
    ...webhookHandlers(parts),
    ...healthHandlers(parts),
    ...eventIntakeHandlers(parts, dispatch),
    ...traceIntakeHandlers(parts, dispatch),
    ...reconciliationHandlers(parts),
    ...batchHandlers(dispatch),
  };
  const byName = bindOperations(handlers, report);
  const find = createFind(byName.values());
  const toAll = createDispatch(find);
  const file: Operations["file"] = async (path, caller) => {
    const call: PathCall = { method: "GET", path };
    const found = find(call);
    if ("kind" in found) return found;
    const { operation, query } = found;
    const format = (["csv", "pdf"] as const).find((one) => one === query["format"]);
    if (format === undefined || !hasFormat(operation.route, format))
      return refuse("not_found", `There is no such file at ${path}.`);
    const answer = await dispatch(call, caller);
    if (answer.kind === "refused") return answer;
    try {
      return await fileOf(operation.route, asJson(answer.body), {
        format,
        ...printingOf(parts),
      });
    } catch (fault) {
      report(fault, operation.name);
      return faultRefusal(fault);
    }
  };
  return { byName, dispatch, file };
}

/** How papers are printed on a node. */
export const printingOf = ({ billing, catalog }: ApiParts): Printing => ({
  printer: billing.printer,
  credits: catalog.credits,
});

/** What would be written on a wire. */
function asJson(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body));
}
