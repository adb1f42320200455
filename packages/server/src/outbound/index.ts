/** Entry of the part: what leaves, to whom, in order and at least once. */
export type { Batch, Consumer, Outcome } from "./consumer.ts";
export type { ConsumerStats } from "./consumer-lane.ts";
export { type CursorRows, createCursorRows } from "./cursor-rows.ts";
export type { Fact, FactPage, ReadFacts } from "./facts.ts";
export type { OutboundLogEntry } from "./log.ts";
export { outboundMigrations } from "./migrations.ts";
export type { Place } from "./place.ts";
export { type Pump, type PumpOptions, createPump } from "./pump.ts";
