import { createHash } from "node:crypto";
import type { CancelRequest, NegotiatedPrices, SubscriptionRequest } from "@cistern/contract";
import type {
  CancelSubscription,
  Event,
  Plan,
  PutSubscription,
  SetPeriodEnd,
  State,
  Subscription,
} from "@cistern/kernel";
import { changeBody, subscriptionBody } from "../answers/subscription.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { readInstant } from "../calls/read-field.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, refuse, unknownWorkspace } from "../problems/problem.ts";
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
> {
  const { engine } = parts;

  const put = async (workspaceId: string, request: SubscriptionRequest, key: RequestKey) => {
    const command = commandOf(parts, request);
    if ("problem" in command) return command;
    const answer = await carryOut(engine, changes, { workspaceId, key, command });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    return { kind: "done", status: 200, body: changeBody(event, position), isReplayed } as const;
  };

  const setEnd = async (workspaceId: string, atEnd: Subscription["atEnd"], key: RequestKey) => {
    const command = { kind: "setPeriodEnd", atEnd } as const;
    const answer = await carryOut(engine, endings, { workspaceId, key, command });
    if (answer.kind === "refused") return answer;
    const { event, position, isReplayed } = answer;
    const body = subscriptionBody(event.subscription, position);
    return { kind: "done", status: 200, body, isReplayed } as const;
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
      const command = commandOf(parts, body);
      if ("problem" in command) return command;
      return preview(workspace, command, "The change");
    },

    async cancelSubscription({ params: { workspace: workspaceId }, body, key }) {
      const command = cancellation(body);
      const answer = await carryOut(engine, endings, { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: changeBody(event, position), isReplayed };
    },

    previewCancellation: ({ params: { workspace }, body }) =>
      preview(workspace, cancellation(body), "The end"),

    pauseSubscription: ({ params, key }) => setEnd(params.workspace, "pause", key),
    resumeSubscription: ({ params, key }) => setEnd(params.workspace, "renew", key),
  };
}

const changes = ["subscription.started", "subscription.changed", "subscription.updated"] as const;
const endings = ["subscription.updated", "subscription.resumed", "subscription.cancelled"] as const;

type Changing = (typeof changes)[number] | (typeof endings)[number];

const isChange = (event: Event): event is Extract<Event, { readonly kind: Changing }> =>
  [...changes, ...endings].some((kind) => kind === event.kind);

const cancellation = ({ when }: CancelRequest): CancelSubscription | SetPeriodEnd =>
  when === "now" ? { kind: "cancelSubscription" } : { kind: "setPeriodEnd", atEnd: "end" };

/** The request as a command; a plan is the one that the catalog has now. */
function commandOf(parts: ApiParts, request: SubscriptionRequest): PutSubscription | Refusal {
  const plan: Plan | null | undefined =
    request.plan === undefined ? null : parts.catalog.plan(request.plan);
  if (plan === undefined)
    return refuse(
      "unknown_plan",
      `The catalog in force has no plan ${request.plan}. Read it with GET /v1/catalog/current.`,
    );
  return {
    kind: "putSubscription",
    subscription: parts.newId("sub"),
    plan,
    isPinnedAnew: request.repin ?? false,
    ...(request.negotiated === undefined ? {} : { negotiated: negotiationOf(request.negotiated) }),
    seats: request.seats ?? null,
    when: request.change ?? null,
  };
}

/** Equal prices have equal ids, so that the same request once more changes nothing. */
function negotiationOf(
  said: NegotiatedPrices | null,
): PutSubscription["negotiated"] & (object | null) {
  if (said === null) return null;
  const { base, seat } = said;
  const text = JSON.stringify([base, seat, said.until].map((one) => one ?? null));
  const amount = (one: typeof base) => (one === undefined ? null : readMoney(one));
  return {
    id: createHash("sha256").update(text).digest("hex").slice(0, negotiatedIdCharacters),
    base: amount(base),
    seat: amount(seat),
    until: readInstant("/negotiated/until", said.until),
    currency: readCurrency({ "/negotiated/base": base, "/negotiated/seat": seat }),
  };
}

const negotiatedIdCharacters = 8;

/** The one that lives, else the last that ended. */
function latest({ subscriptions }: State): Subscription | undefined {
  if (subscriptions.live.row !== undefined) return subscriptions.live.row;
  return [...subscriptions.subscriptions.values()]
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .at(-1);
}

const noneIn = (workspace: string): string =>
  `Workspace ${workspace} has no subscription. Begin one with PUT /v1/workspaces/${workspace}/subscription.`;
