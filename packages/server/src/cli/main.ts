#!/usr/bin/env node
/**
 * The command line's entry: what was compiled once is kept in the system's temporary folder, which halves the time until a
 * command begins. Set NODE_DISABLE_COMPILE_CACHE=1 to do without, NODE_COMPILE_CACHE for another folder.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./program.ts");
