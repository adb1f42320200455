export type { TaxAnswer, TaxQuestion, Taxes } from "./billing/index.ts";
export { CatalogFault, type CatalogSource, defineCatalog } from "./catalog/index.ts";
export { createCistern, type EmbeddedOptions } from "./embedded.ts";
export {
  HistoryFault,
  type HistoryRow,
  type HistorySource,
  type ReadHistoryOptions,
  type RefusedRow,
  readHistory,
} from "./ingest/index.ts";
export { readSettings, SettingsFault, type Settings } from "./host/index.ts";
export type { Node, NodeLogEntry } from "./open-node.ts";
export { ListenFault, serve, type ServeOptions, type Server } from "./server.ts";
export { DatabaseFault } from "./database/index.ts";
export { createTestCistern, type TestCistern, type TestCisternOptions } from "./test-cistern.ts";
