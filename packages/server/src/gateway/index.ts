/** Owns: providers behind Cistern, for clients that can only change a base URL. */
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { serveGateway, type Authenticate } from "./serve-gateway.ts";
