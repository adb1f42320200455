/** Entry of the part: what leaves, to whom, in order and at least once. */
export type { Batch, Consumer, Outcome } from "./consumer.ts";
export type { ConsumerStats } from "./consumer-lane.ts";
export { type CursorRows, createCursorRows } from "./cursor-rows.ts";
export type { Fact, FactPage, ReadFacts } from "./facts.ts";
export type { OutboundLogEntry } from "./log.ts";
export { outboundMigrations } from "./migrations.ts";
export type { Place } from "./place.ts";
export { type Pump, type PumpOptions, createPump } from "./pump.ts";
export { type AddressRules, type Resolve } from "./webhooks/address-guard.ts";
export { type Attempt, createAttemptLog } from "./webhooks/attempt-log.ts";
export { type RetrySchedule, retryScheduleDefault } from "./webhooks/deliveries.ts";
export type { Endpoint } from "./webhooks/endpoint.ts";
export { createEndpointRows } from "./webhooks/endpoint-rows.ts";
export { createSealing } from "./webhooks/sealing.ts";
export { createSend } from "./webhooks/send.ts";
export {
  type EndpointPut,
  type Tested,
  type Webhooks,
  createWebhooks,
} from "./webhooks/webhooks.ts";
export { type FileSinkOptions, fileSink } from "./sinks/file-sink.ts";
export type { FileWriter } from "./sinks/mend-files.ts";
export { type NatsSinkOptions, natsSink } from "./sinks/nats-sink.ts";
export { type Sink, SinkFault } from "./sinks/sink.ts";
export { sinkConsumer } from "./sinks/sink-consumer.ts";
export { type StdoutSinkOptions, stdoutSink } from "./sinks/stdout-sink.ts";
export {
  feedWarehouse,
  type WarehouseOptions,
  type WarehouseProgress,
} from "./warehouse/feed-warehouse.ts";
export { WarehouseFault } from "./warehouse/warehouse-fault.ts";
