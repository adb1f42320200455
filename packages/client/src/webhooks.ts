import type {
  PageQuery,
  Webhook,
  WebhookAttemptPage,
  WebhookPage,
  WebhookRemoved,
  WebhookReplayRequest,
  WebhookRequest,
  WebhookRotateRequest,
  WebhookTest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";
import { paths } from "./paths.ts";

/**
 * Endpoints that events are sent to, signed by Standard Webhooks: in order for each workspace, at least once, with the same id at
 * each attempt. A key that is bound to a workspace sees and makes its own alone. Refusals: `unknown_webhook`, `too_many_webhooks`,
 * and `invalid_request` for an address that may not be called.
 *
 * @example
 * const { secret } = await cistern.webhooks.put("crm", { url: "https://crm.example.com/cistern", types: ["credits.*"] });
 */
export interface WebhooksClient {
  list(query?: PageQuery, options?: CallOptions): Promise<WebhookPage>;
  get(id: string, options?: CallOptions): Promise<Webhook>;
  /** The endpoint as it shall be. The answer that makes it carries the secret; later ones do not. */
  put(id: string, request: WebhookRequest, options?: ChangeOptions): Promise<Webhook>;
  remove(id: string, options?: ChangeOptions): Promise<WebhookRemoved>;
  /** A new secret; the one until now signs beside it for a day, or as long as `overlap` says. */
  rotate(id: string, request?: WebhookRotateRequest, options?: ChangeOptions): Promise<Webhook>;
  /** Sends one event of the type `webhook.test` and tells what came back. */
  test(id: string, options?: CallOptions): Promise<WebhookTest>;
  /** Newest first. */
  attempts(id: string, query?: PageQuery, options?: CallOptions): Promise<WebhookAttemptPage>;
  /** Sends all again that was recorded since an instant, with the same ids. */
  replay(id: string, request: WebhookReplayRequest, options?: ChangeOptions): Promise<Webhook>;
  /** Goes on where it stood, at once. */
  enable(id: string, options?: ChangeOptions): Promise<Webhook>;
}

export function webhooksClient(calls: Calls): WebhooksClient {
  const at = (...parts: readonly string[]) => paths.ofAll("webhooks", ...parts);
  return {
    list: async (query, options) => await calls.read(at(), query, options),
    get: async (id, options) => await calls.read(at(id), {}, options),
    put: async (id, request, options) => await calls.change("PUT", at(id), request, options),
    remove: async (id, options) => await calls.change("DELETE", at(id), undefined, options),
    rotate: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "rotate"), request, options),
    test: async (id, options) => await calls.ask(at(id, "test"), {}, options),
    attempts: async (id, query, options) => await calls.read(at(id, "attempts"), query, options),
    replay: async (id, request, options) =>
      await calls.change("POST", at(id, "replay"), request, options),
    enable: async (id, options) => await calls.change("POST", at(id, "enable"), {}, options),
  };
}
