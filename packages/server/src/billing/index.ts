export {
  createInvoicer,
  type DueDraft,
  type Invoicer,
  type InvoicerLogEntry,
  type InvoicerStats,
} from "./invoicer.ts";
export { createIssuing, taxQuestion, type IssueInvoice, type Issued } from "./issuing.ts";
export { billingMigrations } from "./migrations.ts";
export { createNumbers, type Numbers } from "./numbers.ts";
export { createPurchases, type PurchaseInvoice, type Purchases } from "./purchases.ts";
export {
  createProfiles,
  particularsMissing,
  type IncompleteLogEntry,
  type Particulars,
  type Profiles,
} from "./profiles.ts";
export {
  askTaxes,
  profileTaxes,
  withTax,
  type TaxAnswer,
  type TaxQuestion,
  type Taxes,
} from "./taxes.ts";
export {
  arithmeticOf,
  descriptionOf,
  linePrice,
  lineQuantity,
  lineUnit,
} from "./print/explain-line.ts";
export { creditNoteCsv, invoiceCsv } from "./print/invoice-csv.ts";
export { createPrinter, type Paper, type Printer } from "./print/printer.ts";
