/** A node in a process of its own: starts on the database that it is told, then makes runs of pairs, one after another. */
import { runPairs } from "../load/pairs.ts";
import { EngineSpender } from "./engine-spender.ts";
import { startNode } from "./node.ts";

const [connectionString] = process.argv.slice(2);
if (connectionString === undefined) throw new Error("A node needs a database");
const node = await startNode(connectionString);
const spender = new EngineSpender(node);

process.on("message", (message) => {
  if (typeof message !== "string") throw new TypeError("A run comes as JSON text");
  const run: { callers: number; durationMs: number; workspaceIds: string[]; run: string } =
    JSON.parse(message);
  runPairs({ ...run, spender }).then(
    ({ pairs, elapsedMs }) => process.send?.(JSON.stringify({ result: { pairs, elapsedMs } })),
    (error: unknown) => process.send?.(JSON.stringify({ failure: String(error) })),
  );
});
process.on("disconnect", () => {
  void node.close();
});
process.send?.(JSON.stringify({ result: { pairs: 0, elapsedMs: 0 } }));
