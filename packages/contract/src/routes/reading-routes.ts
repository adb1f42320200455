import {
  AllowanceQuerySchema,
  AllowanceSchema,
  BalanceQuerySchema,
  BalanceSchema,
} from "../balance.schema.ts";
import { EventPageSchema, EventQuerySchema } from "../event.schema.ts";
import { LedgerPageSchema, LedgerQuerySchema } from "../ledger.schema.ts";
import { UsagePageSchema, UsageQuerySchema } from "../usage.schema.ts";
import { MemberParams, WorkspaceParams } from "./parameters.schema.ts";
import type { Route } from "./route.ts";

/** What can be asked about a workspace. */
export const readingRoutes = {
  getBalance: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/balance",
    tag: "Reading",
    summary: "Read the balance",
    description: "The pool right now, with everything due done; with `at`, as it was then.",
    scopes: ["usage:write", "read"],
    params: WorkspaceParams,
    query: BalanceQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: BalanceSchema },
    problems: ["unknown_workspace"],
  },
  getAllowance: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/members/{member}/allowance",
    tag: "Reading",
    summary: "Read what a member may still spend",
    description:
      "What is left, what binds it, and every limit on the member's path. With `run`, the least of that and of what the run, and each run around it, leaves.",
    scopes: ["usage:write", "read"],
    params: MemberParams,
    query: AllowanceQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: AllowanceSchema },
    problems: ["unknown_workspace", "unknown_member", "unknown_run", "run_of_another"],
  },
  listLedger: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/ledger",
    tag: "Reading",
    summary: "List ledger entries",
    description: "Double entry: the postings of every entry sum to zero per commodity.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: LedgerQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: LedgerPageSchema },
    problems: ["unknown_workspace"],
  },
  listUsage: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/usage",
    tag: "Reading",
    summary: "List usage",
    description: "One row per settlement or debit, with who, what and at which price.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: UsageQuerySchema,
    idempotency: { kind: "ignored" },
    responses: { 200: UsagePageSchema },
    problems: ["unknown_workspace"],
  },
  listEvents: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/events",
    tag: "Reading",
    summary: "Read the events feed",
    description:
      "CloudEvents after a cursor, gapless and in order, each at least once under an id that stays. `0.0` is the start; a cursor without hash is taken unchecked. Read on with `next` until it stays what it was: then all is read for now. With `wait` an empty answer is held until there is an event, the time is over or the node stops; a node that holds very many answers at once instead. `types` leaves events out of the answer, not out of the cursor.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: EventQuerySchema,
    idempotency: { kind: "ignored" },
    waits: true,
    responses: { 200: EventPageSchema },
    problems: ["unknown_workspace", "cursor_lost"],
  },
  streamEvents: {
    method: "GET",
    path: "/v1/workspaces/{workspace}/events/stream",
    tag: "Reading",
    summary: "Follow the events feed as it grows",
    description:
      "Server-sent events: `id` is the cursor after the event, `event` its type, `data` the CloudEvent. It goes on after `Last-Event-ID`, which an EventSource sends when it connects again, else after `after`; so a connection that is cut loses and repeats nothing. Where nothing happens a comment is sent every `wait` (default PT15S). The server ends the stream when it stops, when the key is revoked, or when nobody reads for a minute: connect again. With `Accept: application/json` the answer is one page.",
    scopes: ["read"],
    params: WorkspaceParams,
    query: EventQuerySchema,
    idempotency: { kind: "ignored" },
    waits: true,
    isStream: true,
    responses: { 200: EventPageSchema },
    problems: ["unknown_workspace", "cursor_lost"],
  },
} as const satisfies Readonly<Record<string, Route>>;
