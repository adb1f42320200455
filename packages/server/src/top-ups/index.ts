export { type Collector, type CollectorLogEntry, createCollector, paymentOf } from "./collector.ts";
export { manualTopUps } from "./manual.ts";
export { topUpMigrations } from "./migrations.ts";
export type {
  TopUpMoney,
  TopUpPaymentOutcome,
  TopUpPaymentProvider,
  TopUpPaymentRequest,
} from "./port.ts";
export { createWatchList } from "./watch-list.ts";
