/** Owns: metering for models of LangChain.js by its callbacks, which it sees through shapes of its own. */
export { langchainHandler } from "./langchain-handler.ts";
export type { LangChainHandler, LangChainHandlerOptions } from "./langchain-handler.ts";
