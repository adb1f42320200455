/**
 * Owns how a draft becomes an invoice: what it is issued with, its number, then the one command.
 *
 * S1 every step before the last is kept by the draft's id and gives the same again, and the last happens once by the draft's state.
 * So the whole is simply done again after a crash, and by any number of nodes at once.
 */
import type { BillingProfile } from "@cistern/contract";
import { type DraftInvoice, type State, workspaceOf } from "@cistern/kernel";
import type { Answer, Engine } from "../engine/index.ts";
import type { Numbers } from "./numbers.ts";
import {
  type IncompleteLogEntry,
  type Particulars,
  type Profiles,
  incomplete,
} from "./profiles.ts";
import { type TaxQuestion, type Taxes, askTaxes, withTax } from "./taxes.ts";

/** What issuing stands on. */
export interface IssuingOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly numbers: Numbers;
  readonly profiles: Profiles;
  readonly taxes: Taxes;
  readonly log: (entry: IncompleteLogEntry) => void;
}

/** Which draft to issue, under which key of a request. */
export interface IssueRequest {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly key: { readonly opId: string | null; readonly fingerprint: string | null };
}

/** The engine's answer; nothing is asked of it where there is no such invoice, and where its tax is not known. */
export type Issued =
  | Answer
  | { readonly kind: "unknown_workspace" | "unknown_invoice" }
  | { readonly kind: "tax_unknown"; readonly reason: string };

/** Issues invoices. Rejects with `EngineFault` or `DatabaseFault`: then it is done again. */
export type IssueInvoice = (request: IssueRequest) => Promise<Issued>;

/** See the file head. */
export function createIssuing(options: IssuingOptions): IssueInvoice {
  const { engine, numbers } = options;
  return async ({ workspaceId, invoice, key }) => {
    const asked = await engine.read(workspaceId, (state) => draftIn(state, invoice));
    if (asked.kind !== "read") return asked;
    // Ids can be foretold: one that is drafted a moment later must not be issued without a number.
    const found = asked.value;
    if (found === undefined) return { kind: "unknown_invoice" };
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
    const { draft } = found;
    if (draft === undefined)
      return await finalize({ number: "", taxBps: 0, termsDays: 0, purchaseOrder: null });
    const fixed = await fixParticulars(options, workspaceId, { ...found, draft });
    if (fixed.kind === "tax_unknown") return fixed;
    const { tax, termsDays, purchaseOrder = null, issuer } = fixed.particulars;
    const number = await numbers.of({ kind: "invoice", workspaceId, document: invoice }, issuer);
    const answer = await finalize({
      number,
      taxBps: tax?.basisPoints ?? 0,
      termsDays,
      purchaseOrder,
    });
    if (answer.kind === "accepted")
      for (const entry of incomplete(workspaceId, number, fixed.particulars)) options.log(entry);
    return answer;
  };
}

interface Found {
  /** Left out once it is none any more. */
  readonly draft?: DraftInvoice;
  readonly timeZone: string;
  readonly currency: string;
}

function draftIn(state: State, id: string): Found | undefined {
  const invoice = state.invoices.invoices.get(id);
  if (invoice === undefined) return undefined;
  const { timeZone = "UTC", currency = "" } = workspaceOf(state) ?? {};
  return { timeZone, currency, ...(invoice.status === "draft" ? { draft: invoice } : {}) };
}

/** What it is issued with: what was fixed before, else what the profile says now and whoever knows its tax. */
async function fixParticulars(
  { profiles, taxes }: IssuingOptions,
  workspaceId: string,
  { draft, timeZone, currency }: Found & { readonly draft: DraftInvoice },
): Promise<
  | { readonly kind: "fixed"; readonly particulars: Particulars }
  | { readonly kind: "tax_unknown"; readonly reason: string }
> {
  const before = await profiles.fixed(workspaceId, draft.id);
  if (before !== undefined) return { kind: "fixed", particulars: before };
  const profile = await profiles.read(workspaceId);
  const about = { workspaceId, invoice: draft.id, profile, currency };
  const tax = await askTaxes(taxes, taxQuestion(about, draft.lines));
  if (tax.kind === "unknown") return { kind: "tax_unknown", reason: tax.reason };
  const now = { profile: withTax(profile, tax), timeZone };
  const { particulars } = await profiles.fix(workspaceId, draft.id, now);
  return { kind: "fixed", particulars };
}

/** What is asked about so many lines. */
export function taxQuestion(
  about: Omit<TaxQuestion, "subtotal" | "lines"> & { readonly profile: BillingProfile },
  lines: DraftInvoice["lines"],
): TaxQuestion {
  const money = (amount: bigint) => ({ amount: amount.toString(), currency: about.currency });
  return {
    ...about,
    subtotal: money(lines.reduce((sum, { amount }) => sum + amount, 0n)),
    lines: lines.map(({ kind, about: of, amount }) => ({ kind, about: of, amount: money(amount) })),
  };
}
