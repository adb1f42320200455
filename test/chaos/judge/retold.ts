/**
 * Owns what an answer must say of the event that it names: written apart from the server's own printing of answers, so that
 * the two prove each other.
 */
import { printCredits, printInstant } from "@cistern/contract";
import type { Balance, Event } from "@cistern/kernel";
import type { Operation } from "../load/operation.ts";

/** What is asked of the answer: these fields, with these values; `undefined` is a field that must be absent. */
export type Retold = Readonly<Record<string, unknown>>;

/** The fields of the answer to `operation` that follow from `event`; undefined when the event is not its effect. */
export function retell(operation: Operation, event: Event): Retold | undefined {
  switch (operation.kind) {
    case "createWorkspace":
      return event.kind === "workspace.created" && event.workspace.id === operation.workspace
        ? { id: event.workspace.id, currency: operation.request.currency, status: "active" }
        : undefined;
    case "putLimit":
      return event.kind === "limit.updated" && event.limit.id === operation.limit
        ? { id: event.limit.id, ...operation.request }
        : undefined;
    case "grant":
      return event.kind === "credits.granted"
        ? { id: event.lot.id, credits: asAsked(operation.request.credits, event.lot.granted) }
        : undefined;
    case "authorize":
      return event.kind === "hold.opened" && event.path.member === operation.request.member
        ? {
            id: event.hold,
            status: "open",
            member: operation.request.member,
            credits: asAsked(operation.request.credits, event.credits),
            overage: unlessNone(event.overage),
            expiresAt: printInstant(event.expiresAt),
            lots: shares(event.legs),
            balance: pool(event.balance),
          }
        : undefined;
    case "extend":
      return event.kind === "hold.extended" && event.hold === operation.hold
        ? {
            id: operation.hold,
            status: "open",
            credits: printCredits(event.whole.credits),
            expiresAt: printInstant(event.expiresAt),
            lots: shares(event.whole.legs),
            balance: pool(event.balance),
          }
        : undefined;
    case "settle":
      return event.kind === "hold.settled" &&
        event.hold === operation.hold &&
        event.isFinal === operation.final
        ? {
            id: operation.hold,
            status: operation.final ? "settled" : "open",
            charged: asAsked(operation.credits, event.charged),
            returned: printCredits(event.returned),
            lots: shares(event.charges),
            debt: unlessNone(event.debt),
            late: event.isLate ? true : undefined,
            balance: pool(event.balance),
          }
        : undefined;
    case "release":
      return event.kind === "hold.released" && event.hold === operation.hold
        ? {
            id: operation.hold,
            status: "released",
            returned: printCredits(event.returned),
            balance: pool(event.balance),
          }
        : undefined;
    case "debit":
      return event.kind === "usage.debited" && event.path.member === operation.request.member
        ? {
            id: event.debit,
            charged: asAsked(operation.request.credits, event.charged),
            lots: shares(event.charges),
            debt: unlessNone(event.debt),
            balance: pool(event.balance),
          }
        : undefined;
    case "refund":
      return event.kind === "usage.refunded" && event.of === operation.request.of
        ? {
            id: event.refund,
            of: operation.request.of,
            credits: asAsked(operation.request.credits, event.credits),
            lots: shares(event.charges),
            debt: unlessNone(event.debt),
            balance: pool(event.balance),
          }
        : undefined;
  }
}

/** What was asked for is what the event says, else nothing that an answer could say is right. */
function asAsked(asked: string | undefined, credits: bigint): string {
  const told = printCredits(credits);
  return told === asked ? told : `${asked} asked, ${told} in the journal`;
}

const unlessNone = (credits: bigint): string | undefined =>
  credits === 0n ? undefined : printCredits(credits);

const pool = ({ available, held }: Balance) => ({
  available: printCredits(available),
  held: printCredits(held),
});

function shares(parts: readonly { readonly lot: string; readonly credits: bigint }[]) {
  const sums = new Map<string, bigint>();
  for (const { lot, credits } of parts) sums.set(lot, (sums.get(lot) ?? 0n) + credits);
  return [...sums].map(([grant, credits]) => ({ grant, credits: printCredits(credits) }));
}
