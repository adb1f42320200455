import type { Accepted, Engine, KeyReused, Rejected } from "../../engine/index.ts";
import type { PaymentOutcome } from "./port.ts";

/** What an outcome came to in the journal. */
export type Booked =
  | Accepted
  /** The same payment was booked for the same invoice before, by another messenger (Y1). */
  | { readonly kind: "booked_before" }
  /** Nothing to book yet. */
  | { readonly kind: "not_received" }
  | Rejected
  | KeyReused;

/**
 * Books what a provider says of a payment, once for ever (Y1 of `port.ts`). `key` is that of the request that brings it, if any:
 * a messenger without a key is told that the payment is booked already. Rejects with `EngineFault`; then it is said again.
 *
 * @example await bookPayment(engine, manualPayments.markPaid(received))
 */
export async function bookPayment(
  engine: Pick<Engine, "execute">,
  outcome: PaymentOutcome,
  key: { readonly opId: string | null; readonly fingerprint: string | null } = noKey,
): Promise<Booked> {
  switch (outcome.kind) {
    case "processing":
    case "requires_action":
    case "declined":
    case "unknown":
      return { kind: "not_received" };
    case "succeeded": {
      const { workspaceId, ...received } = outcome.received;
      const answer = await engine.execute({
        workspaceId,
        command: { kind: "payInvoice", ...received },
        ...key,
      });
      const isKnown =
        answer.kind === "rejected" &&
        answer.rejection.code === "payment_known" &&
        answer.rejection.invoice === received.invoice;
      return isKnown && key.opId === null ? { kind: "booked_before" } : answer;
    }
  }
}

const noKey = { opId: null, fingerprint: null } as const;
