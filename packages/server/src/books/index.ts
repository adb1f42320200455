export {
  allocationDimensions,
  costAllocation,
  type AllocationDimension,
  type AllocationOptions,
  type AllocationRow,
} from "./allocation/cost-allocation.ts";
export { amountText, minorDigits } from "./amount-text.ts";
export { BooksFault, booksSource, type BooksSource } from "./books-source.ts";
export { closeBooks, type BooksClosed, type CloseOptions } from "./close-books.ts";
export { readChartNames, type ChartNames } from "./chart.ts";
export { createDayIn, daysBetween, daysOfSpan, hasBegun, isDay, spanOfMonth } from "./days.ts";
export {
  bookFormats,
  exportBooks,
  type BookFormat,
  type ExportOptions,
} from "./export/export-books.ts";
export { marginReport, type MarginOptions, type MarginRow } from "./margin/margin.ts";
export {
  monthReports,
  statusOf,
  type MonthReports,
  type ReportName,
  type ReportOptions,
} from "./reports/month-reports.ts";
export type { ReportRow } from "./reports/report.ts";
export { readRates, RatesFault, type Rates } from "./translation/rates.ts";
export { reportText } from "./reports/report-text.ts";
