import type { InvoiceChange, InvoiceWarning } from "@cistern/contract";
import {
  type Command,
  type Event,
  type Invoice as KernelInvoice,
  type IssuedInvoice,
  type State,
  noMoney,
  previewInvoice,
  workspaceOf,
} from "@cistern/kernel";
import type { Accepted } from "../../engine/index.ts";
import {
  type Particulars,
  type TaxAnswer,
  particularsMissing,
  withTax,
} from "../../billing/index.ts";
import { bookPayment, manualPayments } from "../../payments/index.ts";
import { invoiceBody, summaryBody, toldInvoice, upcomingBody } from "../answers/invoice.ts";
import { asIssued, creditNoteBody } from "../answers/invoice-papers.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut, refusalOf } from "../calls/carry-out.ts";
import type { RequestKey } from "../calls/idempotency.ts";
import { readCurrency, readMoney } from "../calls/read-money.ts";
import type { ApiParts } from "../parts.ts";
import { type Refusal, keyReused, refuse, unknownWorkspace } from "../problems/problem.ts";

type InvoiceEventKind = Parameters<typeof toldInvoice>[0]["kind"];
type Changed = Extract<Event, { readonly kind: InvoiceEventKind }>;
type ChangedAnswer = Omit<Accepted, "event"> & { readonly event: Changed };

/** Invoices: read, issued, paid, credited, taken back, given up. */
export const invoiceHandlers = (
  parts: ApiParts,
): HandlersOf<ListRoute | OneRoute | IssueRoute | EndRoute> => ({
  ...listHandlers(parts),
  ...oneHandlers(parts),
  ...issueHandlers(parts),
  ...endHandlers(parts),
});

type ListRoute = "listInvoices" | "getUpcomingInvoice";
type OneRoute = "getInvoice" | "getCreditNote" | "creditInvoice";
type IssueRoute = "invoiceNow" | "finalizeInvoice";
type EndRoute = "payInvoice" | "voidInvoice" | "writeOffInvoice";

function listHandlers(parts: ApiParts): HandlersOf<ListRoute> {
  const { engine, billing } = parts;
  return {
    async listInvoices({ params: { workspace: workspaceId }, query }) {
      const known = await ask(engine, workspaceId, (state) => ({
        currency: currencyOf(state),
        timeZone: zoneOf(state),
        drafts: new Map([...state.invoices.drafts.values()].map(({ id, lines }) => [id, lines])),
      }));
      if (known.kind === "refused") return known;
      const { currency, timeZone, drafts } = known.value;
      const { rows, nextCursor } = await billing.invoices(workspaceId, query, known.at.seq);
      const bought = rows.flatMap(({ invoice }) => purchaseIn(invoice) ?? []);
      const numbers = await billing.purchases.numbers(workspaceId, bought, timeZone);
      const data = rows.map((row) => {
        const { id } = row.invoice;
        return summaryBody(row, {
          currency,
          draft: drafts.get(id),
          purchaseNumber: numbers.get(id),
        });
      });
      return {
        kind: "done",
        status: 200,
        body: { data, ...(nextCursor === undefined ? {} : { nextCursor }) },
      };
    },

    async getUpcomingInvoice({ params: { workspace: workspaceId } }) {
      const pending = await ask(engine, workspaceId, (state, at) => ({
        lines: previewInvoice(state, null, { taxBps: 0, at }).lines,
        currency: currencyOf(state),
      }));
      if (pending.kind === "refused") return pending;
      const { lines, currency } = pending.value;
      const read = await billing.profiles.read(workspaceId);
      const particulars = { ...read, issuer: await billing.profiles.issuer(), timeZone: "" };
      const about = { workspaceId, profile: read, currency };
      const taxed = taxedBy(particulars, await billing.taxOf(about, lines));
      const taxBps = taxed.particulars.tax?.basisPoints ?? 0;
      const answer = await ask(engine, workspaceId, (state, at) => ({
        preview: previewInvoice(state, null, { taxBps, at }),
        draftsAt: state.subscriptions.live.row?.period.end,
      }));
      if (answer.kind === "refused") return answer;
      const { preview, draftsAt } = answer.value;
      const body = upcomingBody(preview, { currency, draftsAt, ...taxed });
      return { kind: "done", status: 200, body };
    },
  };
}

function oneHandlers(parts: ApiParts): HandlersOf<OneRoute> {
  const { engine, billing } = parts;
  return {
    async getInvoice({ params: { workspace, invoice }, query }) {
      const whole = await wholeInvoice(parts, workspace, invoice);
      return whole.kind === "refused" || query.as === undefined
        ? whole
        : { ...whole, body: asIssued(whole.body) };
    },

    async getCreditNote({ params: { workspace, invoice, creditNote } }) {
      const whole = await wholeInvoice(parts, workspace, invoice);
      if (whole.kind === "refused") return whole;
      const body = creditNoteBody(whole.body, creditNote);
      return body === undefined
        ? refuse("unknown_invoice", `Invoice ${invoice} has no credit note ${creditNote}.`)
        : { kind: "done", status: 200, body };
    },

    async creditInvoice({ params: { workspace: workspaceId, invoice }, body, key }) {
      const answer = await carryOut(engine, "credit_note.issued", {
        workspaceId,
        key,
        command: {
          kind: "creditInvoice",
          creditNote: parts.newId("crn"),
          number: null,
          invoice,
          amount: readMoney(body.amount),
          currency: body.amount.currency,
          reason: body.reason ?? null,
        },
        asker: "The credit note",
      });
      if (answer.kind === "refused") return answer;
      const told = await changed(engine, workspaceId, answer);
      if (told.kind === "refused") return told;
      const { creditNote } = answer.event;
      const number = await billing.creditNoteNumber(workspaceId, creditNote);
      return { ...told, body: numberedNote(told.body, number) };
    },
  };
}

function issueHandlers(parts: ApiParts): HandlersOf<IssueRoute> {
  const { engine, billing } = parts;
  return {
    async invoiceNow({ params: { workspace: workspaceId }, key }) {
      const drafted = await carryOut(engine, "invoice.drafted", {
        workspaceId,
        key,
        command: { kind: "invoiceNow" },
      });
      if (drafted.kind === "refused") return drafted;
      const { id } = drafted.event.invoice;
      // Called again, or where the background was faster, it is issued already; then it answers the same.
      const noKey = { opId: null, fingerprint: null };
      const answer = await billing.issue({ workspaceId, invoice: id, key: noKey });
      if (answer.kind === "tax_unknown") return refuse("tax_unknown", answer.reason);
      const whole = await wholeInvoice(parts, workspaceId, id);
      return whole.kind === "refused"
        ? whole
        : { ...whole, status: 201, body: asIssued(whole.body), isReplayed: drafted.isReplayed };
    },

    async finalizeInvoice({ params: { workspace: workspaceId, invoice }, key }) {
      const answer = await billing.issue({ workspaceId, invoice, key });
      switch (answer.kind) {
        case "unknown_workspace":
          return unknownWorkspace(workspaceId);
        case "unknown_invoice":
          return unknownInvoice(invoice);
        case "tax_unknown":
          return refuse("tax_unknown", answer.reason);
        case "key_reused":
          return keyReused(key.opId ?? "");
        case "rejected":
          return await refusalOf(engine, answer, { workspaceId, asker: "The call" });
        case "accepted":
          return await changed(engine, workspaceId, changeOf(answer));
      }
    },
  };
}

function endHandlers(parts: ApiParts): HandlersOf<EndRoute> {
  const { engine } = parts;
  return {
    async payInvoice({ params: { workspace: workspaceId, invoice }, body, key }) {
      const { payment, amount, fee, reference = null, excessToBalance } = body;
      const received = {
        payment,
        amount: amount === undefined ? null : readMoney(amount),
        currency: readCurrency({ "/amount": amount, "/fee": fee }),
        tax: noMoney,
        fee: readMoney(fee),
        reference,
        ...(excessToBalance === undefined ? {} : { excessToBalance }),
      };
      const subject = { kind: "invoice", workspaceId, invoice } as const;
      const answer = await bookPayment(parts, subject, manualPayments.markPaid(received), key);
      switch (answer.kind) {
        case "key_reused":
          return keyReused(key.opId ?? "");
        case "rejected":
          return answer.rejection.code === "unknown_workspace"
            ? unknownWorkspace(workspaceId)
            : await refusalOf(engine, answer, { workspaceId, asker: "The payment" });
        case "accepted":
          return await changed(engine, workspaceId, changeOf(answer));
        case "booked_before":
        case "nothing":
          throw new Error(`A payment that was received became ${answer.kind}.`);
      }
    },

    voidInvoice: ({ params, body, key }) =>
      close(engine, params, { status: "void", reason: body.reason, key }),
    writeOffInvoice: ({ params, body, key }) =>
      close(engine, params, { status: "uncollectible", reason: body.reason, key }),
  };
}

/** The currency stands in the state, which outlives every invoice. */
async function changed(
  engine: ApiParts["engine"],
  workspaceId: string,
  { event, position, isReplayed }: ChangedAnswer,
) {
  const asked = await ask(engine, workspaceId, currencyOf);
  if (asked.kind === "refused") return asked;
  const { data: body } = toldInvoice(event, { position, currency: asked.value });
  return { kind: "done", status: 200, body, isReplayed } as const;
}

interface Closing {
  readonly status: "void" | "uncollectible";
  readonly reason?: string | undefined;
  readonly key: RequestKey;
}

async function close(
  engine: ApiParts["engine"],
  { workspace: workspaceId, invoice }: { workspace: string; invoice: string },
  { status, reason, key }: Closing,
) {
  const command: Command = { kind: "voidInvoice", invoice, status, reason: reason ?? null };
  const answer = await carryOut(engine, ["invoice.voided", "invoice.uncollectible"], {
    workspaceId,
    key,
    command,
  });
  return answer.kind === "refused" ? answer : await changed(engine, workspaceId, answer);
}

function numberedNote(body: InvoiceChange, number: string): InvoiceChange {
  const { creditNote } = body;
  return creditNote === undefined ? body : { ...body, creditNote: { ...creditNote, number } };
}

/** The invoice in whole, as new as the state is when it is asked. */
async function wholeInvoice({ engine, billing }: ApiParts, workspaceId: string, id: string) {
  const asked = await ask(engine, workspaceId, (state) => ({
    invoice: state.invoices.invoices.get(id),
    currency: currencyOf(state),
    timeZone: zoneOf(state),
  }));
  if (asked.kind === "refused") return asked;
  if (asked.value.invoice === undefined) return unknownInvoice(id);
  const record = await billing.invoice(workspaceId, id, asked.at.seq);
  if (record === undefined) return unknownInvoice(id);
  const { currency, timeZone } = asked.value;
  const purchase = purchaseIn(record.invoice);
  const paper =
    purchase === undefined
      ? undefined
      : await billing.purchases.paper(workspaceId, purchase, timeZone);
  const given = paper?.particulars ?? (await billing.particulars(workspaceId, id, timeZone));
  // What a draft comes to now; not there where it was issued in between, so that the table's lines are as good.
  const draft =
    record.invoice.status === "draft"
      ? await previewOf(engine, { workspaceId, id, taxBps: 0 })
      : undefined;
  const about = { workspaceId, invoice: id, profile: given, currency };
  const told: Taxed =
    draft === undefined
      ? { particulars: given, warnings: purchase === undefined ? [] : purchaseLacks(given) }
      : taxedBy(given, await billing.taxOf(about, draft.lines));
  // One that was not numbered yet, since the node broke off just then, is now.
  const noteNumbers = new Map<string, string>();
  for (const entry of record.entries)
    if (entry.kind === "credit_note.issued")
      noteNumbers.set(
        entry.creditNote,
        await billing.creditNoteNumber(workspaceId, entry.creditNote),
      );
  const taxBps = told.particulars.tax?.basisPoints ?? 0;
  const preview =
    draft === undefined ? undefined : await previewOf(engine, { workspaceId, id, taxBps });
  const purchaseNumber = paper?.number;
  const body = invoiceBody({ record, currency, ...told, preview, noteNumbers, purchaseNumber });
  return { kind: "done", status: 200, body } as const;
}

/** What something would be issued with, and what stands in the way of that, or would be missing. */
interface Taxed {
  readonly particulars: Particulars;
  readonly warnings: readonly InvoiceWarning[];
}

function taxedBy(given: Particulars, tax: TaxAnswer): Taxed {
  const missing = particularsMissing(given);
  if (tax.kind !== "unknown") return { particulars: withTax(given, tax), warnings: missing };
  const unknown = { code: "tax_unknown", message: tax.reason } as const;
  return { particulars: withTax(given, { kind: "none" }), warnings: [unknown, ...missing] };
}

/** A purchase is issued as it is paid, so that nothing could be said before. */
const purchaseLacks = (given: Particulars): readonly InvoiceWarning[] =>
  particularsMissing(given).map(({ code }) => ({
    code,
    message:
      code === "issuer_missing"
        ? "Its paper does not say who sends it: put /v1/billing/issuer before the next purchase."
        : "Its paper does not say who gets it: put the workspace's billing profile, with its customer, before the next purchase.",
  }));

/** What a draft is now; undefined where it was issued in between, so that the table's lines are as good. */
async function previewOf(
  engine: ApiParts["engine"],
  { workspaceId, id, taxBps }: { workspaceId: string; id: string; taxBps: number },
) {
  const answer = await engine.read(workspaceId, (state, at) => {
    const draft = state.invoices.drafts.get(id);
    return draft === undefined ? undefined : previewInvoice(state, draft, { taxBps, at });
  });
  return answer.kind === "read" ? answer.value : undefined;
}

const purchaseIn = (invoice: KernelInvoice): IssuedInvoice | undefined =>
  invoice.status !== "draft" && invoice.topUp !== undefined ? invoice : undefined;

const zoneOf = (state: State): string => workspaceOf(state)?.timeZone ?? "UTC";

const currencyOf = (state: State): string => workspaceOf(state)?.currency ?? "";

const unknownInvoice = (invoice: string): Refusal =>
  refuse("unknown_invoice", `There is no invoice ${invoice}.`);

function changeOf(answer: Accepted): ChangedAnswer {
  const { event } = answer;
  if (!isChanged(event)) throw new Error(`A call about an invoice became ${event.kind}.`);
  return { ...answer, event };
}

const kinds: readonly Event["kind"][] = [
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "invoice.uncollectible",
  "credit_note.issued",
  "balance.applied",
];

const isChanged = (event: Event): event is Changed => kinds.includes(event.kind);
