import type { Debit } from "@cistern/contract";
import { alertsClient } from "./alerts.ts";
import { billingProfileClient } from "./billing-profile.ts";
import { type Calls, type Within, callsOn } from "./calls.ts";
import type { Deferred, WorkspaceClient } from "./cistern.ts";
import { entitlementsClient, seatsClient } from "./entitlements.ts";
import { eventsClient } from "./follow-events.ts";
import { fairnessClient } from "./fairness.ts";
import type { HoldParts } from "./holds.ts";
import { Holds } from "./holds.ts";
import { customerBalanceClient } from "./customer-balance.ts";
import { workspaceIngest } from "./ingest.ts";
import { invoicesClient } from "./invoices.ts";
import { billableOutcomes } from "./outcomes.ts";
import { paths } from "./paths.ts";
import { manyLimitsClient } from "./limits.ts";
import { requestsClient } from "./requests.ts";
import { policiesClient } from "./policies.ts";
import { reportsClient } from "./reports.ts";
import { run } from "./run.ts";
import { runsClient } from "./runs.ts";
import { reserveStream } from "./streams/live-stream.ts";
import { subscriptionClient } from "./subscription.ts";
import { topUpsClient } from "./top-ups.ts";

/** A workspace over whatever the parts stand on. */
export function workspaceClient(id: string, parts: HoldParts): WorkspaceClient<Deferred> {
  const calls = callsOn(parts.caller, parts.environment);
  const within: Within = (...path) => paths.within(id, ...path);
  return {
    id,
    get: async (options) => await calls.read(within(), {}, options),
    update: async (patch, options) => await calls.change("PATCH", within(), patch, options),

    ...holdsOf(id, parts),
    hold: async (hold, options) => await calls.read(within("holds", hold), {}, options),

    debit: async (request, options = {}) => {
      const subject = options.idempotencyKey ?? parts.environment.newKey();
      const operation = {
        method: "POST",
        path: within("debits"),
        idempotencyKey: subject,
        body: request,
      } as const;
      return await parts.mode.report<Debit>({ subject, operation, options });
    },
    ...grantsOf(calls, within),

    ingest: workspaceIngest(calls, within),
    runs: runsClient(calls, within),
    events: eventsClient(calls, within, parts.environment),
    outcomes: billableOutcomes(calls, within),
    subscription: subscriptionClient(calls, within),
    entitlements: entitlementsClient(calls, within),
    seats: seatsClient(calls, within),
    fairness: fairnessClient(calls, within),
    policies: policiesClient(calls, within),
    reports: reportsClient(calls, within),
    invoices: invoicesClient(calls, within),
    billing: billingProfileClient(calls, within),
    customerBalance: customerBalanceClient(calls, within),
    topUps: topUpsClient(calls, within),
    alerts: alertsClient(calls, within),
    manyLimits: manyLimitsClient(calls, within),
    requests: requestsClient(calls, within),

    costAllocation: async (query, options) =>
      await calls.read(within("cost-allocation"), query, options),
    costAllocationCsv: async (query, options) =>
      await calls.download(within("cost-allocation"), { ...query, format: "csv" }, options),
    closeMonth: async (request, options) => await calls.ask(within("closings"), request, options),

    ...readsOf(calls, within),

    ...settingsOf(calls, within),
  };
}

type OfHolds = Pick<
  WorkspaceClient<Deferred>,
  "authorize" | "run" | "reserveStream" | "settle" | "extend" | "release"
>;

/** What holds credits, and ends holds. */
function holdsOf(id: string, parts: HoldParts): OfHolds {
  const holds = new Holds(id, parts);
  return {
    authorize: async (request, options = {}) =>
      await holds.authorize(request, options, { parts: 0, isEnded: false }),
    run: async (request, work, options = {}) =>
      await run(
        async (progress) => await holds.authorize(request, options, progress),
        request,
        work,
        options,
      ),
    reserveStream: async (request, options = {}) =>
      await reserveStream(
        async (hold) =>
          await holds.authorize(
            hold,
            options.signal === undefined ? {} : { signal: options.signal },
            { parts: 0, isEnded: false },
          ),
        request,
        options,
        parts.environment,
      ),
    settle: async (hold, spent, options = {}) => await holds.settle(hold, spent, options),
    extend: async (hold, request, options = {}) => await holds.extend(hold, request, options),
    release: async (hold, options = {}) => await holds.release(hold, options),
  };
}

type OfGrants = Pick<
  WorkspaceClient,
  "refund" | "quote" | "grant" | "revoke" | "repay" | "chargeBack" | "escheat"
>;

/** What brings credits, and takes them back. */
function grantsOf(calls: Calls, within: Within): OfGrants {
  return {
    refund: async (request, options) =>
      await calls.change("POST", within("refunds"), request, options),
    quote: async (request, options) => await calls.ask(within("quotes"), request, options),
    grant: async (request, options) =>
      await calls.change("POST", within("grants"), request, options),
    revoke: async (grant, request = {}, options = {}) =>
      await calls.change("POST", within("grants", grant, "revoke"), request, options),
    repay: async (grant, request = {}, options = {}) =>
      await calls.change("POST", within("grants", grant, "repayments"), request, options),
    chargeBack: async (grant, request = {}, options = {}) =>
      await calls.change("POST", within("grants", grant, "chargebacks"), request, options),
    escheat: async (grant, options) =>
      await calls.change("POST", within("grants", grant, "escheat"), {}, options),
  };
}

type Settings = Pick<WorkspaceClient, "put" | "deactivateMember" | "removeLimit">;

/** Whose calls it has, and how far they may go. */
function settingsOf(calls: Calls, within: Within): Settings {
  return {
    put: {
      member: async (member, request = {}, options = {}) =>
        await calls.change("PUT", within("members", member), request, options),
      group: async (group, request = {}, options = {}) =>
        await calls.change("PUT", within("groups", group), request, options),
      limit: async (limit, request, options) =>
        await calls.change("PUT", within("limits", limit), request, options),
      breakage: async (grant, request, options) =>
        await calls.change("PUT", within("grants", grant, "breakage"), request, options),
    },
    deactivateMember: async (member, options) =>
      await calls.change("DELETE", within("members", member), undefined, options),
    removeLimit: async (limit, options) =>
      await calls.change("DELETE", within("limits", limit), undefined, options),
  };
}

type Reads = Pick<
  WorkspaceClient,
  | "balance"
  | "allowance"
  | "usage"
  | "ledger"
  | "getGrant"
  | "grants"
  | "member"
  | "members"
  | "group"
  | "groups"
  | "limit"
  | "limits"
>;

/** What only asks. */
function readsOf(calls: Calls, within: Within): Reads {
  return {
    balance: async (query, options) => await calls.read(within("balance"), query, options),
    allowance: async (member, query, options) =>
      await calls.read(within("members", member, "allowance"), query, options),
    usage: async (query, options) => await calls.read(within("usage"), query, options),
    ledger: async (query, options) => await calls.read(within("ledger"), query, options),
    getGrant: async (id, options) => await calls.read(within("grants", id), {}, options),
    grants: async (query, options) => await calls.read(within("grants"), query, options),
    member: async (id, options) => await calls.read(within("members", id), {}, options),
    members: async (query, options) => await calls.read(within("members"), query, options),
    group: async (id, options) => await calls.read(within("groups", id), {}, options),
    groups: async (query, options) => await calls.read(within("groups"), query, options),
    limit: async (id, options) => await calls.read(within("limits", id), {}, options),
    limits: async (query, options) => await calls.read(within("limits"), query, options),
  };
}
