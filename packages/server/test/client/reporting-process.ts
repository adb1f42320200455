/**
 * A process that spends as a vendor's would: it fails closed and keeps its reports. `spend` holds, waits for a line, settles, and stays until
 * it is killed; `deliver` opens the journal of one that was, and ends when nothing waits in it.
 */
import { once } from "node:events";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { createCistern } from "@cistern/client";
import { openNodeJournal } from "@cistern/client/node-journal";

const [, , verb = "", url = "", apiKey = "", path = "", retries = "1"] = process.argv;
const journal = await openNodeJournal({ path });
const cistern = createCistern({
  url,
  apiKey,
  retriesMax: Number(retries),
  // Who tries often pauses for long: it is killed in a pause.
  backoffBaseMs: Number(retries) > 1 ? 60_000 : 1,
  backoffMaxMs: 120_000,
  timeoutMs: 600_000,
  failureMode: { kind: "closed", journal },
});
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

if (verb === "spend") {
  const hold = await cistern.workspace("acme").authorize({ member: "ana", credits: "75" });
  say({ hold: hold.id });
  await once(process.stdin, "data");
  say(await hold.settle({ credits: "60", estimated: true, response: "chatcmpl-1" }));
  await wait(600_000);
} else {
  while (journal.pending().length > 0) await wait(5);
  await cistern.close();
  say({ delivered: true });
}
