// A process that keeps entries as fast as it can and tells each that is durable, until it is killed.
import { openNodeJournal } from "@cistern/client/node-journal";

const journal = await openNodeJournal({ path: process.argv[2] ?? "" });
for (let index = 0; ; index += 1) {
  const id = `entry-${index}`;
  const operation = {
    method: "POST",
    path: "/v1/workspaces/acme/debits",
    idempotencyKey: id,
  } as const;
  await journal.append({ id, subject: id, operation, exposure: "1" });
  process.stdout.write(`${id}\n`);
}
