import type {
  CancelRequest,
  NegotiatedPrices,
  SubscriptionRequest,
  Violation,
} from "@cistern/contract";
import {
  type CancelSubscription,
  type Event,
  type Plan,
  type PutSubscription,
  type Rejection,
  type SetPeriodEnd,
  type State,
  type Subscription,
  workspaceOf,
} from "@cistern/kernel";
import { changeBody, subscriptionBody } from "../answers/subscription.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, invalid, refuse, unknownWorkspace } from "../problems/problem.ts";
import { negotiationsOf } from "./negotiation.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";

/** Subscriptions: plans, seats, and what the end of a period brings. */
export function subscriptionHandlers(
  parts: ApiParts,
): HandlersOf<
  | "getSubscription"
  | "putSubscription"
  | "previewSubscription"
  | "putSeats"
  | "cancelSubscription"
  | "previewCancellation"
  | "pauseSubscription"
  | "resumeSubscription"
  | "previewResumption"
> {
  const { engine } = parts;

  const put = async (workspaceId: string, request: SubscriptionRequest, key: RequestKey) => {
    const command = await commandOf(parts, workspaceId, request);
    if ("problem" in command) return command;
    const answer = await carryOut(engine, changes, { workspaceId, key, command });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    return { kind: "done", status: 200, body: changeBody(event, position), isReplayed } as const;
  };

  const setEnd = async (
    workspaceId: string,
    command: CancelSubscription | SetPeriodEnd,
    key: RequestKey,
  ) => {
    const answer = await carryOut(engine, endings, { workspaceId, key, command });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    return { kind: "done", status: 200, body: changeBody(event, position), isReplayed } as const;
  };

  /** By the function that acts. */
  const preview = async (
    workspaceId: string,
    command: PutSubscription | CancelSubscription | SetPeriodEnd,
    asker: string,
  ) => {
    const answer = await engine.quote(workspaceId, command);
    if (answer.kind === "unknown_workspace") return unknownWorkspace(workspaceId);
    const { value: decision, at, asOf } = answer;
    if (decision.kind === "rejected")
      return rejectionRefusal(decision.rejection, { workspaceId, decidedAt: asOf, at, asker });
    const { event } = decision;
    if (!isChange(event)) throw new Error(`A preview became ${event.kind}.`);
    return { kind: "done", status: 200, body: changeBody(event, at) } as const;
  };

  return {
    async getSubscription({ params: { workspace } }) {
      const answer = await ask(engine, workspace, latest);
      if (answer.kind === "refused") return answer;
      if (answer.value === undefined) return refuse("no_subscription", noneIn(workspace));
      return { kind: "done", status: 200, body: subscriptionBody(answer.value, answer.at) };
    },

    putSubscription: ({ params, body, key }) => put(params.workspace, body, key),
    putSeats: ({ params, body, key }) => put(params.workspace, body, key),

    async previewSubscription({ params: { workspace }, body }) {
      const command = await commandOf(parts, workspace, body);
      if ("problem" in command) return command;
      return preview(workspace, command, "The change");
    },

    cancelSubscription: ({ params: { workspace }, body, key }) =>
      setEnd(workspace, cancellation(body), key),
    previewCancellation: ({ params: { workspace }, body }) =>
      preview(workspace, cancellation(body), "The end"),

    async pauseSubscription({ params: { workspace }, key }) {
      const answer = await setEnd(workspace, { kind: "setPeriodEnd", atEnd: "pause" }, key);
      if (answer.kind === "refused") return answer;
      return { ...answer, body: answer.body.subscription };
    },

    resumeSubscription: ({ params: { workspace }, key }) => setEnd(workspace, resumption, key),
    previewResumption: ({ params: { workspace } }) =>
      preview(workspace, resumption, "The resumption"),
  };
}

const changes = ["subscription.started", "subscription.changed", "subscription.updated"] as const;
const endings = ["subscription.updated", "subscription.resumed", "subscription.cancelled"] as const;

type Changing = (typeof changes)[number] | (typeof endings)[number];

const isChange = (event: Event): event is Extract<Event, { readonly kind: Changing }> =>
  [...changes, ...endings].some((kind) => kind === event.kind);

const resumption: SetPeriodEnd = { kind: "setPeriodEnd", atEnd: "renew" };

const cancellation = ({ when }: CancelRequest): CancelSubscription | SetPeriodEnd =>
  when === "now" ? { kind: "cancelSubscription" } : { kind: "setPeriodEnd", atEnd: "end" };

/** The request as a command; a plan is the one that the catalog has now. */
async function commandOf(
  parts: ApiParts,
  workspaceId: string,
  request: SubscriptionRequest,
): Promise<PutSubscription | Refusal> {
  const plan = await planOf(parts, workspaceId, request);
  if (plan === undefined)
    return refuse(
      "unknown_plan",
      `The catalog in force has no plan ${request.plan}. Read it with GET /v1/catalog/current.`,
    );
  const newest =
    plan === null && request.repin === true ? await newestOf(parts, workspaceId) : undefined;
  const effectiveAt = readInstant("/effectiveAt", request.effectiveAt);
  const command: PutSubscription = {
    kind: "putSubscription",
    subscription: parts.newId("sub"),
    plan,
    isPinnedAnew: request.repin ?? false,
    ...(newest === undefined ? {} : { newest }),
    seats: request.seats ?? null,
    when: request.change ?? null,
    ...(effectiveAt === null ? {} : { effectiveAt }),
  };
  if (request.negotiated === undefined) return command;
  if (request.negotiated === null) return { ...command, negotiated: null };
  return await negotiating(parts, workspaceId, command, request.negotiated);
}

/**
 * null: as it is. A subscription goes on with the plan that it pinned, also where the catalog has none of that name any more
 * (docs/decisions/0013). undefined: there is none.
 */
async function planOf(
  { catalog, engine }: ApiParts,
  workspaceId: string,
  { plan: name, repin = false }: SubscriptionRequest,
): Promise<Plan | null | undefined> {
  if (name === undefined) return null;
  const known = catalog.plan(name);
  if (known !== undefined || repin) return known;
  const pinned = await engine.read(workspaceId, (state) => state.subscriptions.live.row?.plan.name);
  return pinned.kind !== "unknown_workspace" && pinned.value === name ? null : undefined;
}

/** The version that the catalog has now of the plan that runs. */
async function newestOf(
  { engine, catalog }: ApiParts,
  workspaceId: string,
): Promise<readonly Plan[]> {
  const running = await engine.read(
    workspaceId,
    ({ subscriptions }) => subscriptions.live.row?.plan.name,
  );
  if (running.kind === "unknown_workspace" || running.value === undefined) return [];
  const found = catalog.plan(running.value);
  return found === undefined ? [] : [found];
}

/** With prices of this customer; what is wrong with them is told at once, what its plan has none of too. */
async function negotiating(
  parts: ApiParts,
  workspaceId: string,
  command: PutSubscription,
  said: NegotiatedPrices | readonly NegotiatedPrices[],
): Promise<PutSubscription | Refusal> {
  const known = await parts.engine.read(workspaceId, (state) => workspaceOf(state)?.currency);
  if (known.kind === "unknown_workspace") return unknownWorkspace(workspaceId);
  const { negotiated, violations } = negotiationsOf(said, {
    meters: parts.catalog.meters(),
    currency: known.value ?? "",
  });
  const asked = { ...command, negotiated };
  if (violations.length === 0) return asked;
  const quoted = await parts.engine.quote(workspaceId, asked);
  const decision = quoted.kind === "unknown_workspace" ? undefined : quoted.value;
  const rejection = decision?.kind === "rejected" ? decision.rejection : undefined;
  const more = rejection?.code === "invalid_request" ? faultsOf(rejection) : [];
  const places = new Set(violations.map(({ pointer }) => pointer));
  return invalid([...violations, ...more.filter(({ pointer }) => !places.has(pointer))]);
}

const faultsOf = ({
  field,
  reason,
  more = [],
}: Extract<Rejection, { readonly code: "invalid_request" }>): readonly Violation[] =>
  [{ field, reason }, ...more].map((one) => ({ pointer: `/${one.field}`, detail: one.reason }));

/** The one that lives, else the last that ended. */
function latest({ subscriptions }: State): Subscription | undefined {
  if (subscriptions.live.row !== undefined) return subscriptions.live.row;
  return [...subscriptions.subscriptions.values()]
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .at(-1);
}

const noneIn = (workspace: string): string =>
  `Workspace ${workspace} has no subscription. Begin one with PUT /v1/workspaces/${workspace}/subscription.`;
