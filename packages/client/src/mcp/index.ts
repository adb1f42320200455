/** Owns: metering for tools of the Model Context Protocol, whose SDK it sees through shapes of its own. */
export { meteredTool } from "./metered-tool.ts";
export type { ToolPrice, ToolRefusal } from "./metered-tool.ts";
export { scopeMeta } from "./scope-meta.ts";
