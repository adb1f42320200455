/** Owns how what a provider says becomes a command (Y1 of `port.ts`): its answer, its webhook and a poll all come through here. */
import type { Command, TopUpOutcome } from "@cistern/kernel";
import type { Answer, Engine } from "../engine/index.ts";
import type { PaymentOutcome, PaymentSubject } from "./port.ts";

/** What booking stands on. */
export interface Bookkeeping {
  readonly engine: Pick<Engine, "execute">;
  readonly newId: (prefix: string) => string;
}

/** What an outcome came to in the journal. */
export type Booked =
  | Answer
  /** The same payment was booked for the same invoice before, by another messenger. A top-up answers with the event of then. */
  | { readonly kind: "booked_before" }
  /** Nothing to book yet. */
  | { readonly kind: "nothing" };

/**
 * Books what is said of a payment, once for ever, in any order and as often as it is said. `key` is that of the request that
 * brings it, if any: a messenger without a key is told that the payment is booked already. Rejects with `EngineFault`; then it is
 * said again.
 *
 * @example await bookPayment({ engine, newId }, { kind: "invoice", workspaceId, invoice }, manualPayments.markPaid(received))
 */
export async function bookPayment(
  { engine, newId }: Bookkeeping,
  subject: PaymentSubject,
  said: PaymentOutcome,
  key: { readonly opId: string | null; readonly fingerprint: string | null } = noKey,
): Promise<Booked> {
  const { workspaceId } = subject;
  if (subject.kind === "top_up") {
    if (said.kind === "unknown") return { kind: "nothing" };
    const command: Command = {
      kind: "resolveTopUp",
      topUp: subject.topUp,
      payment: said.kind === "succeeded" ? said.received.payment : said.payment,
      outcome: outcomeOf(said),
      grant: newId("grt"),
      bonusGrant: newId("grt"),
    };
    return await engine.execute({ workspaceId, command, ...key });
  }
  // An invoice stays due until its money is there: only that is booked.
  if (said.kind !== "succeeded") return { kind: "nothing" };
  const { invoice } = subject;
  const { tax: _standsOnIt, ...received } = said.received;
  const answer = await engine.execute({
    workspaceId,
    command: { kind: "payInvoice", invoice, ...received },
    ...key,
  });
  const isKnown =
    answer.kind === "rejected" &&
    answer.rejection.code === "payment_known" &&
    answer.rejection.invoice === invoice;
  return isKnown && key.opId === null ? { kind: "booked_before" } : answer;
}

const noKey = { opId: null, fingerprint: null } as const;

function outcomeOf(said: Exclude<PaymentOutcome, { readonly kind: "unknown" }>): TopUpOutcome {
  switch (said.kind) {
    case "succeeded": {
      const { amount, currency, tax, fee } = said.received;
      return { kind: "succeeded", amount, currency, tax, fee };
    }
    case "processing":
      return { kind: "processing" };
    case "requires_action":
      return { kind: "requires_action", action: said.action };
    case "declined":
      return { kind: "declined", reason: said.reason };
  }
}
