/** Entry of the part: work of a node that nobody calls for. */
export { type DueWork, type DueWorkOptions, backoffMs, createDueWork } from "./due-work.ts";
export { type Waker, type WakerLogEntry, type WakerOptions, createWaker } from "./waker.ts";
