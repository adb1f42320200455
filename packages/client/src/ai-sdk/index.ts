/** Owns: metering for the Vercel AI SDK (`ai` 7), which it sees through shapes of its own. */
export { embeddingModelMiddleware } from "./embedding-model-middleware.ts";
export type { EmbeddingModelMiddleware } from "./embedding-model-middleware.ts";
export { imageModelMiddleware } from "./image-model-middleware.ts";
export type { ImageModelMiddleware } from "./image-model-middleware.ts";
export { languageModelMiddleware } from "./language-model-middleware.ts";
export type { LanguageModelMiddleware } from "./language-model-middleware.ts";
export { meter } from "../metering/meter.ts";
export type { MeterOptions, Work } from "../metering/meter.ts";
export { telemetryGate } from "./telemetry-gate.ts";
export type { TelemetryGate } from "./telemetry-gate.ts";
