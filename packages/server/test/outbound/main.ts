/** `npm run torture`: webhooks with 10,000 events, and what each receiver had of them. */
import { freshDatabase } from "../fresh-database.ts";
import { globalSetup, globalTeardown } from "../setup.ts";
import { torture } from "./torture.ts";

await globalSetup();
let isSound = false;
try {
  const { url } = await freshDatabase();
  const { rows, ...rest } = await torture(url, { workspaces: 100, events: 100 });
  isSound = rows.every(
    (row) =>
      row.stored === row.expected && row.isInOrder && row.unsigned === 0 && row.strangers === 0,
  );
  console.table(rows);
  console.log(JSON.stringify(rest));
  console.log(isSound ? "Nothing was lost." : "SOMETHING IS WRONG.");
} finally {
  await globalTeardown();
}
// The receivers listen until the end of a test file, and here is none.
process.exit(isSound ? 0 : 1);
