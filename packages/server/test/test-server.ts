import { startEmbeddedPostgres } from "../src/database/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** An embedded PostgreSQL for tests, in a folder that goes with it. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server for tests, with the settings that it has in earnest. */
export async function startTestServer(): Promise<TestServer> {
  const folder = await temporaryFolder();
  const server = await startEmbeddedPostgres({
    folder: folder.path,
    host: process,
    randomUuid: () => crypto.randomUUID(),
  });
  return {
    url: server.connectionString,
    stop: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}
