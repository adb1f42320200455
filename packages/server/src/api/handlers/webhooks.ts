/** Endpoints that events are sent to. W1: a key that is bound to a workspace has those of that workspace alone. */
import {
  type Webhook,
  type WebhookAttempt,
  type WebhookRequest,
  eventTypeNames,
  limits,
  parseDuration,
  printInstant,
} from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import type { Attempt, Endpoint } from "../../outbound/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { type Refusal, refuse, unknownWorkspace } from "../problems/problem.ts";

type WebhookOperation =
  | "listWebhooks"
  | "getWebhook"
  | "putWebhook"
  | "removeWebhook"
  | "rotateWebhook"
  | "testWebhook"
  | "listWebhookAttempts"
  | "replayWebhook"
  | "enableWebhook";

const overlapDefault = "PT24H";

/** See the file head. */
export function webhookHandlers(parts: ApiParts): HandlersOf<WebhookOperation> {
  return { ...settingHandlers(parts), ...sendingHandlers(parts) };
}

/** What endpoints there are, and their secrets. */
function settingHandlers({
  webhooks,
}: ApiParts): HandlersOf<
  "listWebhooks" | "getWebhook" | "putWebhook" | "removeWebhook" | "rotateWebhook" | "enableWebhook"
> {
  return {
    async listWebhooks({ query, caller }) {
      const { limit = limits.pageRowsDefault, cursor: after = "" } = query;
      const boundTo = caller?.workspace;
      const rows = await webhooks.list({ after, boundTo, limit: limit + 1 });
      return { kind: "done", status: 200, body: pageOf(rows.map(webhookBody), limit) };
    },

    async getWebhook({ params: { webhook: id }, caller }) {
      const endpoint = await webhooks.read(named(id, caller));
      if (endpoint === undefined) return unknownWebhook(id);
      return { kind: "done", status: 200, body: webhookBody(endpoint) };
    },

    async putWebhook({ params: { webhook: id }, body, caller }) {
      const boundTo = caller?.workspace;
      const { url, types, workspaces = boundTo === undefined ? undefined : [boundTo] } = body;
      const foreign = workspaces?.find((one) => boundTo !== undefined && one !== boundTo);
      if (foreign !== undefined) return unknownWorkspace(foreign);
      checkTypes(body);
      const settings = { url, types, workspaces, description: body.description };
      const put = await webhooks.put(named(id, caller), settings);
      switch (put.kind) {
        case "made": {
          const made = { ...webhookBody(put.endpoint), secret: put.secret };
          return { kind: "done", status: 201, body: made };
        }
        case "changed":
          return { kind: "done", status: 200, body: webhookBody(put.endpoint) };
        case "bad_url":
          throw new InvalidField("/url", put.reason);
        case "unknown":
          return unknownWebhook(id);
        case "too_many":
          return refuse(
            "too_many_webhooks",
            `A workspace may have ${limits.workspaceWebhooksMax} webhooks of its own, and all together ${limits.webhooksMax}.`,
          );
      }
    },

    async removeWebhook({ params: { webhook: id }, caller }) {
      if (!(await webhooks.remove(named(id, caller)))) return unknownWebhook(id);
      return { kind: "done", status: 200, body: { id, removed: true } };
    },

    async rotateWebhook({ params: { webhook: id }, body, caller, key }) {
      const overlapMs = parseDuration(body.overlap ?? overlapDefault);
      const rotated = await webhooks.rotate(named(id, caller), overlapMs, key.opId ?? "");
      if (rotated === undefined) return unknownWebhook(id);
      const { endpoint, secret } = rotated;
      return { kind: "done", status: 200, body: { ...webhookBody(endpoint), secret } };
    },

    async enableWebhook({ params: { webhook: id }, caller }) {
      const endpoint = await webhooks.enable(named(id, caller));
      if (endpoint === undefined) return unknownWebhook(id);
      return { kind: "done", status: 200, body: webhookBody(endpoint) };
    },
  };
}

/** What was sent, and what is to be sent. */
function sendingHandlers({
  webhooks,
  engine,
}: ApiParts): HandlersOf<"testWebhook" | "listWebhookAttempts" | "replayWebhook"> {
  return {
    async testWebhook({ params: { webhook: id }, caller }) {
      const tested = await webhooks.test(named(id, caller));
      if (tested === undefined) return unknownWebhook(id);
      const { eventId, sent, isTaken, fault } = tested;
      return {
        kind: "done",
        status: 200,
        body: {
          event: eventId,
          taken: isTaken,
          ...(sent.kind === "answered" ? { status: sent.status, answer: sent.text } : {}),
          ...(fault === undefined ? {} : { fault }),
          ms: sent.ms,
        },
      };
    },

    async listWebhookAttempts({ params: { webhook: id }, query, caller }) {
      const { limit = limits.pageRowsDefault, cursor: before } = query;
      const page = { before, limit: limit + 1 };
      const rows = await webhooks.attempts(named(id, caller), page);
      if (rows === undefined) return unknownWebhook(id);
      return { kind: "done", status: 200, body: pageOf(rows.map(attemptBody), limit) };
    },

    async replayWebhook({ params: { webhook: id }, body: { since, workspace }, caller }) {
      const boundTo = caller?.workspace;
      if (workspace !== undefined) {
        if (boundTo !== undefined && workspace !== boundTo) return unknownWorkspace(workspace);
        const known = await ask(engine, workspace, () => true);
        if (known.kind === "refused") return known;
      }
      const sinceMs = readInstant("/since", since) ?? 0;
      const endpoint = await webhooks.replay(named(id, caller), sinceMs, workspace);
      if (endpoint === undefined) return unknownWebhook(id);
      return { kind: "done", status: 200, body: webhookBody(endpoint) };
    },
  };
}

const named = (id: string, caller: StoredKey | undefined) => ({ id, boundTo: caller?.workspace });

const unknownWebhook = (id: string): Refusal =>
  refuse("unknown_webhook", `There is no webhook ${id}.`);

/** A name that no event has would wait for ever. */
function checkTypes({ types = [] }: Pick<WebhookRequest, "types">): void {
  for (const [index, type] of types.entries()) {
    const noun = type.endsWith(".*") ? type.slice(0, -1) : undefined;
    const isKnown = eventTypeNames.some((name) =>
      noun === undefined ? name === type : name.startsWith(noun),
    );
    if (!isKnown) throw new InvalidField(`/types/${index}`, `names no event type: ${type}.`);
  }
}

function pageOf<Row extends { readonly id: string }>(rows: readonly Row[], limit: number) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return rows.length > limit && last !== undefined ? { data, nextCursor: last.id } : { data };
}

function webhookBody(endpoint: Endpoint): Webhook {
  const { id, url, types, workspaces, description, boundTo, disabled, oldSecrets } = endpoint;
  const [newest] = oldSecrets;
  return {
    id,
    url,
    ...(types === undefined ? {} : { types }),
    ...(workspaces === undefined ? {} : { workspaces }),
    ...(description === undefined ? {} : { description }),
    ...(boundTo === undefined ? {} : { workspace: boundTo }),
    ...(disabled === undefined
      ? { status: "active" }
      : {
          status: "disabled",
          disabledAt: printInstant(disabled.atMs),
          disabledReason: disabled.reason,
        }),
    createdAt: printInstant(endpoint.createdAtMs),
    ...(newest === undefined ? {} : { oldSecretsUntil: printInstant(newest.untilMs) }),
  };
}

function attemptBody(one: Attempt): WebhookAttempt {
  const { id, eventId, eventType, workspaceId, attempt, atMs, ms, taken } = one;
  return {
    id,
    event: eventId,
    type: eventType,
    workspace: workspaceId,
    attempt,
    at: printInstant(atMs),
    ms,
    taken,
    ...(one.status === undefined ? {} : { status: one.status }),
    ...(one.fault === undefined ? {} : { fault: one.fault }),
    ...(one.nextAtMs === undefined ? {} : { nextAt: printInstant(one.nextAtMs) }),
  };
}
