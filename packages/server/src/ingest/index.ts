/** Entry of the part: usage that arrives in the words of others. */
export { type Headers, isBinary, structuredOf } from "./binary-mode.ts";
export { type EventFault, isFault, namesOf, readEvent } from "./cloud-event.ts";
export { type ArrivedCall, type Intake, callOfEvent } from "./event-call.ts";
export type { EventRule, Quantity } from "./event-rule.ts";
