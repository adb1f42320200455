/** A Cistern process of its own that owns the folder it is given, for tests that kill it. Says so in one line of JSON. */
import { DatabaseFault, startEmbeddedPostgres } from "../../src/database/index.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("Usage: owner-process.ts FOLDER");
// The server does not keep us alive; this does, until the test kills us or is gone itself.
process.stdin.resume().once("end", () => process.exit());
try {
  const { pid, isAdopted, connectionString } = await startEmbeddedPostgres({
    folder,
    host: process,
    randomUuid: () => crypto.randomUUID(),
  });
  console.log(JSON.stringify({ pid, isAdopted, connectionString }));
} catch (error) {
  if (!(error instanceof DatabaseFault)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
  process.exit();
}
