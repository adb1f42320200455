/** Owns what becomes of credits whose payment went back (Y3 of `port.ts`). */
import { createHash } from "node:crypto";
import { type Command, type Credits, type Lot, type State, credits } from "@cistern/kernel";
import type { Answer, Engine } from "../engine/index.ts";
import type { PaymentReversal } from "./port.ts";

/** What a reversal came to in the journal. */
export type Reversed =
  | Answer
  /** Nothing is left to be taken: it was told before, or all went back by hand. */
  | { readonly kind: "nothing_left" }
  /** No credits were bought with it: the payment of an invoice goes back by hand. */
  | { readonly kind: "no_credits"; readonly invoice: string | null };

/**
 * Books that the money of a top-up went back: a chargeback takes all that was paid, and the credits that are left are revoked, bonus
 * included; a refund pays back what nobody used, of a part of the price the same part of the credits, and revokes that. Told again it
 * changes nothing, whoever tells it. Rejects with `EngineFault`; then it is said again.
 *
 * @example await bookReversal({ engine, newId }, "acme", { kind: "refunded", reversal: "re_1", payment: "pay_1", amount, fee, reason: null })
 */
export async function bookReversal(
  {
    engine,
    newId,
  }: {
    readonly engine: Pick<Engine, "execute" | "read">;
    readonly newId: (prefix: string) => string;
  },
  workspaceId: string,
  reversal: PaymentReversal,
): Promise<Reversed> {
  const read = await engine.read(workspaceId, (state) => paidBy(state, reversal.payment));
  const found = read.kind === "read" ? read.value : nothingPaid;
  if (found.grants.length === 0) return { kind: "no_credits", invoice: found.invoice };
  let last: Reversed = { kind: "nothing_left" };
  // A chargeback of the first takes its bonus along; a repayment is of one lot.
  const grants = reversal.kind === "charged_back" ? found.grants.slice(0, 1) : found.grants;
  for (const [index, grant] of grants.entries()) {
    const back = shareOf(reversal, grant, found.price);
    if (back === 0n) continue;
    const command = commandOf(reversal, { grant: grant.id, credits: back }, newId);
    const answer = await engine.execute({
      workspaceId,
      command,
      opId: `reversal ${reversal.reversal} ${index}`,
      fingerprint: fingerprintOf(reversal),
    });
    const isOver =
      answer.kind === "rejected" && answer.rejection.code === "repayment_exceeds_payment";
    if (!isOver) last = answer;
  }
  return last;
}

/** Another reversal under the id of one is refused. */
const fingerprintOf = ({ kind, payment, amount }: PaymentReversal): string =>
  createHash("sha256")
    .update(amount === null ? `${kind} ${payment}` : `${kind} ${payment} ${amount}`)
    .digest("hex");

/** Credits that go back of a lot: the part of what was granted that the money is of the price, as far as nobody used them; null: all. */
function shareOf(
  { kind, amount }: PaymentReversal,
  { granted, available }: Lot,
  price: bigint,
): Credits | null {
  if (kind === "charged_back" || amount === null || amount >= price) return null;
  const share = (granted * amount) / price;
  return credits(share < available ? share : available);
}

function commandOf(
  { kind, fee, reason }: PaymentReversal,
  { grant, credits: back }: { readonly grant: string; readonly credits: Credits | null },
  newId: (prefix: string) => string,
): Command {
  const about = { grant, currency: null, occurredAt: null, reason };
  return kind === "charged_back"
    ? { kind: "chargeBack", chargeback: newId("cbk"), fee, ...about }
    : { kind: "repay", repayment: newId("rpy"), credits: back, goodwill: null, ...about };
}

interface Paid {
  readonly grants: readonly Lot[];
  /** Of all of them. */
  readonly price: bigint;
  readonly invoice: string | null;
}

const nothingPaid: Paid = { grants: [], price: 0n, invoice: null };

function paidBy({ topUps, invoices, pool }: State, payment: string): Paid {
  const topUp = topUps.topUps.get(topUps.payments.get(payment)?.topUp ?? "");
  return {
    grants: (topUp?.grants ?? []).flatMap((id) => pool.lots.get(id) ?? []),
    price: topUp?.amount ?? 0n,
    invoice: invoices.payments.get(payment)?.invoice ?? null,
  };
}
