import type { Debit, Operation, OperationMethod } from "@cistern/contract";
import type { Caller } from "./caller.ts";
import type { ChangeOptions, Deferred, WorkspaceClient } from "./cistern.ts";
import type { HoldParts } from "./holds.ts";
import { Holds } from "./holds.ts";
import { paths } from "./paths.ts";
import { run } from "./run.ts";

/** Makes a change with the caller's key or a fresh one. */
export function changeOf(
  parts: HoldParts,
  method: OperationMethod,
  path: string,
  body: object | undefined,
  options: ChangeOptions = {},
): Operation {
  const idempotencyKey = options.idempotencyKey ?? parts.environment.newKey();
  return { method, path, idempotencyKey, ...(body === undefined ? {} : { body }) };
}

/** A workspace over whatever the parts stand on. */
export function workspaceClient(id: string, parts: HoldParts): WorkspaceClient<Deferred> {
  const { caller } = parts;
  const holds = new Holds(id, parts);
  const within: Within = (...path) => paths.within(id, ...path);
  const change = async <Answer>(
    method: OperationMethod,
    path: string,
    body: object | undefined,
    options: ChangeOptions = {},
  ) => await caller.change<Answer>(changeOf(parts, method, path, body, options), options);

  return {
    id,
    get: async (options) => await caller.read(within(), {}, options),
    update: async (patch, options) => await change("PATCH", within(), patch, options),

    authorize: async (request, options = {}) =>
      await holds.authorize(request, options, { parts: 0, isEnded: false }),
    run: async (request, work, options = {}) =>
      await run(
        async (progress) => await holds.authorize(request, options, progress),
        request,
        work,
        options,
      ),
    settle: async (hold, spent, options = {}) => await holds.settle(hold, spent, options),
    extend: async (hold, request, options = {}) => await holds.extend(hold, request, options),
    release: async (hold, options = {}) => await holds.release(hold, options),
    hold: async (hold, options) => await caller.read(within("holds", hold), {}, options),

    debit: async (request, options = {}) => {
      const operation = changeOf(parts, "POST", within("debits"), request, options);
      const subject = operation.idempotencyKey ?? "";
      return await parts.mode.report<Debit>({ subject, operation, options });
    },
    refund: async (request, options) => await change("POST", within("refunds"), request, options),
    quote: async (request, options = {}) =>
      await caller.change({ method: "POST", path: within("quotes"), body: request }, options),
    grant: async (request, options) => await change("POST", within("grants"), request, options),
    revoke: async (grant, request = {}, options = {}) =>
      await change("POST", within("grants", grant, "revoke"), request, options),
    repay: async (grant, request = {}, options = {}) =>
      await change("POST", within("grants", grant, "repayments"), request, options),
    chargeBack: async (grant, request = {}, options = {}) =>
      await change("POST", within("grants", grant, "chargebacks"), request, options),
    escheat: async (grant, options) =>
      await change("POST", within("grants", grant, "escheat"), {}, options),

    outcomes: {
      claim: async (request, options) => await change("POST", within("outcomes"), request, options),
      signal: async (request, options) =>
        await change("POST", within("outcomes", "signals"), request, options),
      confirm: async (outcome, request = {}, options = {}) =>
        await change("POST", within("outcomes", outcome, "confirm"), request, options),
      reopen: async (outcome, request = {}, options = {}) =>
        await change("POST", within("outcomes", outcome, "reopen"), request, options),
      dispute: async (outcome, request = {}, options = {}) =>
        await change("POST", within("outcomes", outcome, "dispute"), request, options),
      get: async (outcome, options) => await caller.read(within("outcomes", outcome), {}, options),
      list: async (query, options) => await caller.read(within("outcomes"), query, options),
    },

    subscription: {
      get: async (options) => await caller.read(within("subscription"), {}, options),
      put: async (request, options) =>
        await change("PUT", within("subscription"), request, options),
      preview: async (request, options = {}) =>
        await caller.change(
          { method: "POST", path: within("subscription", "preview"), body: request },
          options,
        ),
      seats: async (request, options) => await change("PUT", within("seats"), request, options),
      cancel: async (request = {}, options = {}) =>
        await change("POST", within("subscription", "cancel"), request, options),
      pause: async (options) => await change("POST", within("subscription", "pause"), {}, options),
      resume: async (options) =>
        await change("POST", within("subscription", "resume"), {}, options),
    },

    ...readsOf(caller, within),

    put: {
      member: async (member, request = {}, options = {}) =>
        await change("PUT", within("members", member), request, options),
      group: async (group, request = {}, options = {}) =>
        await change("PUT", within("groups", group), request, options),
      limit: async (limit, request, options) =>
        await change("PUT", within("limits", limit), request, options),
      breakage: async (grant, request, options) =>
        await change("PUT", within("grants", grant, "breakage"), request, options),
    },
    deactivateMember: async (member, options) =>
      await change("DELETE", within("members", member), undefined, options),
    removeLimit: async (limit, options) =>
      await change("DELETE", within("limits", limit), undefined, options),
  };
}

/** A path inside the workspace. */
type Within = (...path: readonly string[]) => string;

type Reads = Pick<
  WorkspaceClient,
  | "balance"
  | "allowance"
  | "usage"
  | "ledger"
  | "events"
  | "grants"
  | "members"
  | "groups"
  | "limits"
>;

/** What only asks. */
function readsOf(caller: Caller, within: Within): Reads {
  return {
    balance: async (query, options) => await caller.read(within("balance"), query, options),
    allowance: async (member, options) =>
      await caller.read(within("members", member, "allowance"), {}, options),
    usage: async (query, options) => await caller.read(within("usage"), query, options),
    ledger: async (query, options) => await caller.read(within("ledger"), query, options),
    events: async (query, options) => await caller.read(within("events"), query, options),
    grants: async (query, options) => await caller.read(within("grants"), query, options),
    members: async (query, options) => await caller.read(within("members"), query, options),
    groups: async (query, options) => await caller.read(within("groups"), query, options),
    limits: async (query, options) => await caller.read(within("limits"), query, options),
  };
}
