/**
 * The global setup of `node --test`: one PostgreSQL for all test files, each of which makes a database of its own, and one
 * folder of compiled code for all of their processes, which halves the time until each begins.
 */
import { fileURLToPath } from "node:url";
import { startTestServer } from "./test-server.ts";
import type { TestServer } from "./test-server.ts";

const compiled = new URL("../../../node_modules/.cache/compiled/", import.meta.url);

let server: TestServer | undefined;

export async function globalSetup(): Promise<void> {
  process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(compiled);
  server = await startTestServer();
  process.env["CISTERN_TEST_DATABASE_URL"] = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
}
