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
import { DatabaseFault, databaseFault } from "./database/index.ts";
import type { Engine, EngineClock } from "./engine/index.ts";
import {
  type Projector,
  draftsDue,
  invoicePage,
  invoiceRecord,
  projectedSeq,
} from "./projections/index.ts";

/** What billing stands on. */
export interface BillingOptions {
  readonly pool: Pool;
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly projector: Pick<Projector, "settled">;
  readonly clock: EngineClock;
  readonly log: (entry: InvoicerLogEntry | IncompleteLogEntry) => void;
  /** Who knows taxes; left out: the billing profile. */
  readonly taxes?: Taxes | undefined;
}

/** Reading waits for the tables at most so long, and looks again so often. */
const projectedMsMax = 5_000;
const lookAgainMs = 25;

/** Billing on a node; the invoicer is not started yet. */
export function openBilling(options: BillingOptions): {
  readonly billing: ApiParts["billing"];
  readonly invoicer: Invoicer;
  readonly stop: () => Promise<void>;
} {
  const { pool, engine, clock, log, taxes = profileTaxes } = options;
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
  const projected = projectedTo(options);
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

/** Waits until the tables have a row of the journal: nobody shall miss in them what an answer told before. */
function projectedTo({ pool, projector, clock }: BillingOptions) {
  const resting = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  return async (workspaceId: string, seq: number): Promise<void> => {
    const givesUpAt = clock.now() + projectedMsMax;
    while ((await projectedSeq(pool, workspaceId)) < seq) {
      if (clock.now() > givesUpAt)
        throw new DatabaseFault("timeout", `Invoices of ${workspaceId} are behind. Retry.`);
      // What this node wrote is there at once; what another one did is a moment away.
      await Promise.race([projector.settled(), resting(lookAgainMs)]);
      if ((await projectedSeq(pool, workspaceId)) < seq) await resting(lookAgainMs);
    }
  };
}

async function reading<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw databaseFault(error, doing);
  }
}
