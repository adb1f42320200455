// Owns: the whole HTTP API as one table. The server binds a handler to every row, and the OpenAPI document is printed from it.
// R1: an operation name, and a method with a path, stand once. R2: what a row's problems name stands in `problems`.
import { alertRoutes } from "./routes/alert-routes.ts";
import { billingRoutes } from "./routes/billing-routes.ts";
import { consumerRoutes } from "./routes/consumer-routes.ts";
import { customerBalanceRoutes } from "./routes/customer-balance-routes.ts";
import { fairnessRoutes } from "./routes/fairness-routes.ts";
import { invoiceRoutes } from "./routes/invoice-routes.ts";
import { ingestRoutes } from "./routes/ingest-routes.ts";
import { limitRoutes } from "./routes/limit-routes.ts";
import { moneyRoutes } from "./routes/money-routes.ts";
import { booksRoutes } from "./routes/books-routes.ts";
import { outcomeRoutes } from "./routes/outcome-routes.ts";
import { planRoutes } from "./routes/plan-routes.ts";
import { policyRoutes } from "./routes/policy-routes.ts";
import { readingRoutes } from "./routes/reading-routes.ts";
import { reportRoutes } from "./routes/report-routes.ts";
import type { Route } from "./routes/route.ts";
import { runRoutes } from "./routes/run-routes.ts";
import { requestRoutes } from "./routes/request-routes.ts";
import { serviceRoutes } from "./routes/service-routes.ts";
import { spendingRoutes } from "./routes/spending-routes.ts";
import { topUpRoutes } from "./routes/top-up-routes.ts";
import { webhookRoutes } from "./routes/webhook-routes.ts";
import { workspaceRoutes } from "./routes/workspace-routes.ts";

/** Every route by its operation name. */
export const routes = {
  ...workspaceRoutes,
  ...policyRoutes,
  ...limitRoutes,
  ...spendingRoutes,
  ...runRoutes,
  ...billingRoutes,
  ...planRoutes,
  ...outcomeRoutes,
  ...invoiceRoutes,
  ...moneyRoutes,
  ...customerBalanceRoutes,
  ...topUpRoutes,
  ...alertRoutes,
  ...fairnessRoutes,
  ...requestRoutes,
  ...readingRoutes,
  ...consumerRoutes,
  ...ingestRoutes,
  ...booksRoutes,
  ...reportRoutes,
  ...webhookRoutes,
  ...serviceRoutes,
} as const satisfies Readonly<Record<string, Route>>;

/** The name of an operation: `operationId` in the OpenAPI document. */
export type OperationName = keyof typeof routes;
