/**
 * Owns how a draft becomes an invoice: what it is issued with, its number, then the one command.
 *
 * S1 every step before the last is kept by the draft's id and gives the same again, and the last happens once by the draft's state.
 * So the whole is simply done again after a crash, and by any number of nodes at once.
 */
import { workspaceOf } from "@cistern/kernel";
import type { Answer, Engine } from "../engine/index.ts";
import type { Numbers } from "./numbers.ts";
import type { Profiles } from "./profiles.ts";

/** What issuing stands on. */
export interface IssuingOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly numbers: Numbers;
  readonly profiles: Profiles;
}

/** Which draft to issue, under which key of a request. */
export interface IssueRequest {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly key: { readonly opId: string | null; readonly fingerprint: string | null };
}

/** The engine's answer; nothing is asked of it where there is no such invoice. */
export type Issued = Answer | { readonly kind: "unknown_workspace" | "unknown_invoice" };

/** Issues invoices. Rejects with `EngineFault` or `DatabaseFault`: then it is done again. */
export type IssueInvoice = (request: IssueRequest) => Promise<Issued>;

/** See the file head. */
export function createIssuing({ engine, numbers, profiles }: IssuingOptions): IssueInvoice {
  return async ({ workspaceId, invoice, key }) => {
    const asked = await engine.read(workspaceId, (state) => ({
      status: state.invoices.invoices.get(invoice)?.status,
      timeZone: workspaceOf(state)?.timeZone ?? "UTC",
    }));
    if (asked.kind !== "read") return asked;
    // Ids can be foretold: one that is drafted a moment later must not be issued without a number.
    const { status, timeZone } = asked.value;
    if (status === undefined) return { kind: "unknown_invoice" };
    const finalize = (terms: {
      number: string;
      taxBps: number;
      termsDays: number;
      purchaseOrder: string | null;
    }) =>
      engine.execute({
        workspaceId,
        command: { kind: "finalizeInvoice", invoice, ...terms },
        ...key,
      });
    // What is no draft any more never is again: the kernel says what it is, or the key tells the first answer.
    if (status !== "draft")
      return await finalize({ number: "", taxBps: 0, termsDays: 0, purchaseOrder: null });
    const {
      tax,
      termsDays,
      purchaseOrder = null,
      issuer,
    } = await profiles.fix(workspaceId, invoice, timeZone);
    const number = await numbers.of({ kind: "invoice", workspaceId, document: invoice }, issuer);
    return await finalize({ number, taxBps: tax?.basisPoints ?? 0, termsDays, purchaseOrder });
  };
}
