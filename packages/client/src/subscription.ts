import type {
  CancelRequest,
  SeatsRequest,
  Subscription,
  SubscriptionChange,
  SubscriptionRequest,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * The plan of a workspace: its fees are on the next invoice, its credits in the pool at once.
 *
 * @example
 * const { amount } = await acme.subscription.preview({ plan: "team", seats: 5 });
 * await acme.subscription.put({ plan: "team", seats: 5 });
 */
export interface SubscriptionClient {
  /** The one that lives, or else the last one that ended. */
  get(options?: CallOptions): Promise<Subscription>;
  /** Begins it, or changes plan or seats: at once what costs as much or more, the rest at the end of the period. */
  put(request: SubscriptionRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** What `put` would answer, to the cent; nothing happens. */
  preview(request: SubscriptionRequest, options?: CallOptions): Promise<SubscriptionChange>;
  seats(request: SeatsRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** With its period, or now: then what was paid for the rest goes to the customer's balance. */
  cancel(request?: CancelRequest, options?: ChangeOptions): Promise<SubscriptionChange>;
  /** What `cancel` would answer, to the cent: what is left of a commitment too; nothing happens. */
  previewCancel(request?: CancelRequest, options?: CallOptions): Promise<SubscriptionChange>;
  /** At the end of its period. */
  pause(options?: ChangeOptions): Promise<Subscription>;
  /** Takes a pause or a cancellation back; a pause that has begun ends with a new period, which is charged. */
  resume(options?: ChangeOptions): Promise<SubscriptionChange>;
  /** What `resume` would answer, to the cent; nothing happens. */
  previewResume(options?: CallOptions): Promise<SubscriptionChange>;
}

export function subscriptionClient(calls: Calls, within: Within): SubscriptionClient {
  const at = (...verb: readonly string[]): string => within("subscription", ...verb);
  return {
    get: async (options) => await calls.read(at(), {}, options),
    put: async (request, options) => await calls.change("PUT", at(), request, options),
    preview: async (request, options) => await calls.ask(at("preview"), request, options),
    seats: async (request, options) => await calls.change("PUT", within("seats"), request, options),
    cancel: async (request = {}, options = {}) =>
      await calls.change("POST", at("cancel"), request, options),
    previewCancel: async (request = {}, options) =>
      await calls.ask(at("cancel", "preview"), request, options),
    pause: async (options) => await calls.change("POST", at("pause"), {}, options),
    resume: async (options) => await calls.change("POST", at("resume"), {}, options),
    previewResume: async (options) => await calls.ask(at("resume", "preview"), {}, options),
  };
}
