/**
 * Writes three batches of 40 events with a file sink, as a process that may be limited or killed:
 * `file-sink-process.ts FOLDER`. It says the number of each batch that was durable.
 */
import { hostname } from "node:os";
import { fileSink } from "../../src/outbound/sinks/file-sink.ts";
import { toldEvents } from "./told-event.ts";

const [, , folder = ""] = process.argv;
const isAlive = (): boolean => true;
const writer = { host: hostname(), pid: process.pid, start: "limited", isAlive };
const sink = await fileSink({ name: "file", folder, writer, now: () => 0 });
for (const batch of [0, 1, 2]) {
  const events = toldEvents(batch * 40, batch * 40 + 39);
  await sink.write(events).then(
    () => process.stdout.write(`${batch}\n`),
    (error: unknown) => process.stderr.write(`${String(error)}\n`),
  );
}
