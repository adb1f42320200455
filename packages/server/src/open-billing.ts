/** Owns how invoices are put on a node: numbers, profiles, the background work, and the reading of their tables. */
import { workspaceOf } from "@cistern/kernel";
import type { Pool } from "pg";
import type { ApiParts } from "./api/index.ts";
import {
  type Invoicer,
  type InvoicerLogEntry,
  type IncompleteLogEntry,
  type Taxes,
  askTaxes,
  createInvoicer,
  createIssuing,
  createNumbers,
  createPrinter,
  createProfiles,
  createPurchases,
  profileTaxes,
  taxQuestion,
} from "./billing/index.ts";
import { databaseFault } from "./database/index.ts";
import type { Engine, EngineClock } from "./engine/index.ts";
import { draftsDue, invoicePage, invoiceRecord } from "./projections/index.ts";

/** What billing stands on. */
export interface BillingOptions {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly projected: ApiParts["projected"];
  readonly clock: EngineClock;
  readonly log: (entry: InvoicerLogEntry | IncompleteLogEntry) => void;
  /** Who knows taxes; left out: the billing profile. */
  readonly taxes?: Taxes | undefined;
}

/** Billing on a node; the invoicer is not started yet. */
export function openBilling(options: BillingOptions): {
  readonly billing: ApiParts["billing"];
  readonly invoicer: Invoicer;
  readonly stop: () => Promise<void>;
} {
  const { pool, engine, projected, clock, log, taxes = profileTaxes } = options;
  const numbers = createNumbers(pool);
  const profiles = createProfiles(pool);
  const issue = createIssuing({ engine, numbers, profiles, taxes, log });
  const purchases = createPurchases({ numbers, profiles, log });
  const invoicer = createInvoicer({
    issue,
    number: async (workspaceId, invoice) => {
      const read = await engine.read(workspaceId, (state) => workspaceOf(state)?.timeZone);
      const timeZone = read.kind === "read" ? (read.value ?? "UTC") : "UTC";
      await purchases.paper(workspaceId, invoice, timeZone);
    },
    draftsDue: (page) => draftsDue(pool, page),
    clock,
    log,
  });
  const printer = createPrinter();
  const billing: ApiParts["billing"] = {
    printer,
    profiles,
    issue,
    purchases,
    async taxOf(about, lines) {
      // What was fixed for a draft that could not be issued just then is what it will be issued with.
      const fixed =
        about.invoice === undefined
          ? undefined
          : await profiles.fixed(about.workspaceId, about.invoice);
      if (fixed !== undefined)
        return await profileTaxes.rateOf({ ...taxQuestion(about, lines), profile: fixed });
      return await askTaxes(taxes, taxQuestion(about, lines));
    },
    stats: () => invoicer.stats(),
    invoices: (workspaceId, query, seq) =>
      reading("Reading invoices", async () => {
        await projected(workspaceId, seq);
        return await invoicePage(pool, workspaceId, query);
      }),
    invoice: (workspaceId, id, seq) =>
      reading("Reading an invoice", async () => {
        await projected(workspaceId, seq);
        return await invoiceRecord(pool, workspaceId, id);
      }),
    async particulars(workspaceId, id, timeZone) {
      const fixed = await profiles.fixed(workspaceId, id);
      if (fixed !== undefined) return fixed;
      return { ...(await profiles.read(workspaceId)), issuer: await profiles.issuer(), timeZone };
    },
    async creditNoteNumber(workspaceId, creditNote) {
      const document = { kind: "credit_note", workspaceId, document: creditNote } as const;
      return await numbers.of(document, await profiles.issuer());
    },
  };
  const stop = async (): Promise<void> => {
    await invoicer.stop();
    await printer.stop();
  };
  return { billing, invoicer, stop };
}

async function reading<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw databaseFault(error, doing);
  }
}
