export { type Catalog, CatalogFault, type Meter } from "./catalog.ts";
export {
  type CatalogSource,
  type ContextSource,
  type ContextTierSource,
  type CostSource,
  type CreditsSource,
  defineCatalog,
  type MeterSource,
  type OutcomesSource,
  type PricesSource,
  type RateCardSource,
  type RateRowOf,
  type RateRowSource,
} from "./define-catalog.ts";
export type { EventRuleSource, TracesSource } from "./define-intake.ts";
export type { PackSource } from "./define-pack.ts";
export { builtInCatalog } from "./built-in-catalog.ts";
export { type CostCheck, checkCosts } from "./check-costs.ts";
export { decimal } from "./fraction.ts";
export type { ListedModel } from "./listed-prices.ts";
export { type SeedOptions, type Seeded, listCurrency, seedRows } from "./seed-rows.ts";
export { catalogMigrations } from "./migrations.ts";
export { type CatalogChange, diffCatalogs } from "./diff-catalogs.ts";
export {
  type NewerAllowance,
  Repriced,
  billedUsage,
  isSameAllowance,
  newerCard,
  newerPlan,
} from "./impact.ts";
export { defaultCatalogFile, loadCatalog } from "./load-catalog.ts";
export { pushCatalog, pushStatementMs } from "./push-catalog.ts";
export { type RateCards, createRateCards, rateCardIn } from "./rate-cards.ts";
export { type ToldVersions, createToldVersions } from "./told-versions.ts";
export { versionsAfter } from "./versions.ts";
export { readNegotiation } from "./read-negotiation.ts";
export { readCatalog } from "./read-catalog.ts";
export { repeatedKeys } from "./repeated-keys.ts";
