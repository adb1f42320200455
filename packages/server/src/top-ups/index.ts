export { type Collector, type CollectorLogEntry, createCollector, paymentOf } from "./collector.ts";
export { topUpMigrations } from "./migrations.ts";
export { createWatchList } from "./watch-list.ts";
