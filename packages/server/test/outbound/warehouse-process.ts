/**
 * A feed as a process of its own, that is killed as by a power cut at a moment:
 * `warehouse-process.ts DATABASE_URL FOLDER MOMENT [COUNT]`. At the moment `pause` it waits instead, holding what it holds.
 */
import { Pool } from "pg";
import { cloudEvent } from "../../src/api/index.ts";
import { postgresStore, workspaceIds } from "../../src/journal/index.ts";
import { feedWarehouse } from "../../src/outbound/index.ts";

const [, , url = "", folder = "", moment = "", count = "1"] = process.argv;
const pool = new Pool({ connectionString: url, max: 2 });
let left = Number(count);
await feedWarehouse({
  folder,
  store: postgresStore({ pool }),
  workspaces: () =>
    (async function* () {
      if (moment === "pause") {
        process.stdout.write("holding\n");
        await new Promise((resolve) => process.stdin.once("data", resolve));
        process.stdin.destroy();
      }
      yield* workspaceIds(pool);
    })(),
  envelope: cloudEvent,
  stepEventsMax: 5,
  onProgress: (progress) => {
    if (progress.moment !== moment) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
});
await pool.end();
