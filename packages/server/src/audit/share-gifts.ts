import type { Event } from "@cistern/kernel";

/** Reserved credits that change hands. */
export type Gift = Pick<
  Extract<Event, { kind: "reserve.gifted" }>,
  "from" | "to" | "credits" | "seats"
>;

/** What an event gives so: told so, or as the answer to a request. */
export function giftIn(event: Event): Gift | undefined {
  if (event.kind === "reserve.gifted") return event;
  if (event.kind !== "credit_request.approved" || event.gift === undefined) return undefined;
  const { member: to, end } = event.request;
  if (end?.kind !== "approved" || end.approval.as !== "gift") return undefined;
  return { ...event.gift, from: end.approval.from, to };
}
