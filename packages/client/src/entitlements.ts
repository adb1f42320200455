import type {
  Entitlement,
  EntitlementQuery,
  Entitlements,
  PageQuery,
  Seat,
  SeatPage,
  SeatReleased,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/** Of whom it is asked what policies of acceptable use close. Left out: what they close to everybody. */
export interface EntitlementOptions extends CallOptions {
  readonly member?: string;
}

/**
 * What the plan opens. It asks for no credits and changes nothing.
 *
 * @example
 * const { included } = await acme.entitlements.feature("sso");
 */
export interface EntitlementsClient {
  /** Features, meters and models, and what is used in this period: credits, allowances, seats, and what is billed against the spend cap. */
  get(options?: CallOptions): Promise<Entitlements>;
  /** Whether it opens a feature; one that no plan knows is not included, and no error. */
  feature(name: string, options?: EntitlementOptions): Promise<Entitlement>;
  /** Whether a hold for a meter would be let through by the plan; one that has no price is not included. */
  meter(name: string, options?: EntitlementOptions): Promise<Entitlement>;
  /** The same of a model. */
  model(name: string, options?: EntitlementOptions): Promise<Entitlement>;
}

/**
 * Who has the seats of a plan; how many are paid for is said by `subscription.seats`. Refusals: `no_subscription`,
 * `seats_exhausted`, `member_inactive`, `unknown_member`, `seat_not_assigned`.
 *
 * @example
 * const { change } = await acme.seats.assign("ana");
 * if (change !== undefined) console.log("one more was bought for", change.amount);
 */
export interface SeatsClient {
  list(query?: PageQuery, options?: CallOptions): Promise<SeatPage>;
  /** Gives a member one; where none is left it is refused, or one more is bought where the plan says so (`autoAdd`). */
  assign(member: string, options?: ChangeOptions): Promise<Seat>;
  /** What `assign` would answer, to the cent; nothing happens. */
  preview(member: string, options?: CallOptions): Promise<Seat>;
  /** Takes it back. It stays paid for; another member may have it. */
  release(member: string, options?: ChangeOptions): Promise<SeatReleased>;
}

export function entitlementsClient(calls: Calls, within: Within): EntitlementsClient {
  const of =
    (kind: NonNullable<EntitlementQuery["kind"]>) =>
    async (name: string, { member, ...options }: EntitlementOptions = {}): Promise<Entitlement> =>
      await calls.read(
        within("entitlements", name),
        { kind, ...(member === undefined ? {} : { member }) },
        options,
      );
  return {
    get: async (options) => await calls.read(within("entitlements"), {}, options),
    feature: of("feature"),
    meter: of("meter"),
    model: of("model"),
  };
}

export function seatsClient(calls: Calls, within: Within): SeatsClient {
  const of = (member: string): string => within("seats", member);
  return {
    list: async (query, options) => await calls.read(within("seats"), query, options),
    assign: async (member, options) => await calls.change("PUT", of(member), undefined, options),
    preview: async (member, options) =>
      await calls.ask(within("seats", member, "preview"), {}, options),
    release: async (member, options) =>
      await calls.change("DELETE", of(member), undefined, options),
  };
}
