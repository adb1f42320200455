export { anthropicMiddleware } from "./middleware.ts";
export type {
  AnthropicContext,
  AnthropicMiddleware,
  AnthropicMiddlewareOptions,
  AnthropicRequest,
} from "./middleware.ts";
export { refusalOf } from "../fetch/refusal.ts";
