export { BooksFault, booksSource, type BooksSource } from "./books-source.ts";
export { ChartFault, readChartNames, type ChartNames } from "./chart.ts";
export {
  bookFormats,
  exportBooks,
  type BookFormat,
  type ExportOptions,
} from "./export/export-books.ts";
