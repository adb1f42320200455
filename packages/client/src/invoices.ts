import type {
  CloseInvoiceRequest,
  CreditNotePaper,
  CreditRequest,
  Invoice,
  InvoiceChange,
  InvoicePage,
  InvoiceQuery,
  PayRequest,
  UpcomingInvoice,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";
import type { Download } from "./download.ts";

/** Options of a call that reads an invoice. */
export interface InvoiceOptions extends CallOptions {
  /** As it was when it was issued, before payments and credit notes. Left out: as it is now. */
  readonly as?: "issued";
}

/**
 * Invoices of a workspace, which are made by its subscription; money is in minor units, in the workspace's currency. What is
 * refused is a `CisternProblem`: `unknown_invoice`, `invoice_status` (a draft is not paid, a void one not credited), `payment_known`,
 * `payment_exceeds_due`, `credit_exceeds_invoice`, `currency_mismatch`.
 *
 * @example
 * const { data } = await acme.invoices.list({ status: "finalized" });
 * for (const { id } of data) await acme.invoices.pay(id, { payment: "bank 4711" });
 */
export interface InvoicesClient {
  /** Drafts and purchases (`topUp`) too; those of a subscription oldest first. */
  list(query?: InvoiceQuery, options?: CallOptions): Promise<InvoicePage>;
  /** What is charged and on no invoice yet. */
  upcoming(options?: CallOptions): Promise<UpcomingInvoice>;
  /** In whole; of a draft, what it would come to if it were issued now. */
  get(id: string, options?: InvoiceOptions): Promise<Invoice>;
  /** For people; printing takes its time, and is refused for a moment where many are being printed. */
  pdf(id: string, options?: InvoiceOptions): Promise<Download>;
  /** A row a line, and one for the tax (RFC 4180, UTF-8). */
  csv(id: string, options?: InvoiceOptions): Promise<Download>;
  /** A credit note of an invoice, as a paper of its own. */
  creditNote(id: string, creditNote: string, options?: CallOptions): Promise<CreditNotePaper>;
  creditNotePdf(id: string, creditNote: string, options?: CallOptions): Promise<Download>;
  creditNoteCsv(id: string, creditNote: string, options?: CallOptions): Promise<Download>;
  /**
   * Issues what is pending now, without waiting for the period's end; refused (`nothing_to_invoice`) where nothing is. The rest of
   * the period is billed at its end, as the difference: it costs the same however often it is invoiced. A minimum counts at the end, too: a
   * shortfall that was kept covers nothing of the usage here, and is taken off then.
   */
  invoiceNow(options?: ChangeOptions): Promise<Invoice>;
  /** Issues a draft now: it gets the next number. Drafts are issued by themselves when their time has come. */
  finalize(id: string, options?: ChangeOptions): Promise<InvoiceChange>;
  /** Marks it as paid, in part or whole. One payment id is booked once for ever. */
  pay(id: string, request: PayRequest, options?: ChangeOptions): Promise<InvoiceChange>;
  /** Takes one back that nobody paid: nothing is due, its number stays. */
  void(id: string, request?: CloseInvoiceRequest, options?: ChangeOptions): Promise<InvoiceChange>;
  /** Makes it uncollectible: what is due is given up. Money that comes all the same can still be booked. */
  writeOff(
    id: string,
    request?: CloseInvoiceRequest,
    options?: ChangeOptions,
  ): Promise<InvoiceChange>;
  /** Issues a credit note: off what is due, and beyond that to the customer's balance. */
  credit(id: string, request: CreditRequest, options?: ChangeOptions): Promise<InvoiceChange>;
}

export function invoicesClient(calls: Calls, within: Within): InvoicesClient {
  const at = (id: string, ...verb: readonly string[]): string => within("invoices", id, ...verb);
  const note = (id: string, creditNote: string): string => at(id, "credit-notes", creditNote);
  return {
    list: async (query, options) => await calls.read(within("invoices"), query, options),
    upcoming: async (options) => await calls.read(within("invoices", "upcoming"), {}, options),
    get: async (id, options) => await calls.read(at(id), asOf(options), options),
    pdf: async (id, options) =>
      await calls.download(at(id), { ...asOf(options), format: "pdf" }, options),
    csv: async (id, options) =>
      await calls.download(at(id), { ...asOf(options), format: "csv" }, options),
    creditNote: async (id, creditNote, options) =>
      await calls.read(note(id, creditNote), {}, options),
    creditNotePdf: async (id, creditNote, options) =>
      await calls.download(note(id, creditNote), { format: "pdf" }, options),
    creditNoteCsv: async (id, creditNote, options) =>
      await calls.download(note(id, creditNote), { format: "csv" }, options),
    invoiceNow: async (options) => await calls.change("POST", within("invoices"), {}, options),
    finalize: async (id, options) => await calls.change("POST", at(id, "finalize"), {}, options),
    pay: async (id, request, options) =>
      await calls.change("POST", at(id, "pay"), request, options),
    void: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "void"), request, options),
    writeOff: async (id, request = {}, options = {}) =>
      await calls.change("POST", at(id, "write-off"), request, options),
    credit: async (id, request, options) =>
      await calls.change("POST", at(id, "credit"), request, options),
  };
}

const asOf = ({ as }: InvoiceOptions = {}): { readonly as?: "issued" } =>
  as === undefined ? {} : { as };
