export { type Api, type ApiOptions, createApi } from "./create-api.ts";
export { createOperations, type Operations } from "./operations.ts";
export { factsOf } from "./facts.ts";
export { cloudEvent, type Placed } from "./answers/cloud-event.ts";
export { resultOf } from "./handlers/batch.ts";
export type { Answer } from "./calls/operation.ts";
export type { Dispatch, PathCall } from "./dispatcher.ts";
export type { ApiParts } from "./parts.ts";
export type { RecordPage, Records } from "./records.ts";
