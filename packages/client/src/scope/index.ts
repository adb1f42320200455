/** Owns: the scope of the work under way, in Node (and runtimes with its `AsyncLocalStorage`), and its way to other processes. */
export { currentScope, scoped, withScope } from "./async-scope.ts";
export { baggageOf, scopeFromBaggage } from "../metering/baggage.ts";
export type { CarriedScope } from "../metering/baggage.ts";
