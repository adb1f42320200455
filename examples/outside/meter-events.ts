/**
 * Maps usage to the meter events of an outside billing system: reads the files that `CISTERN_SINKS=file:FOLDER` writes, and
 * adds what is new to a file. Run it as often as you like, also after a crash: an event is mapped once, since its id is kept
 * as `identifier`. Copy it, and send each meter event to your system instead, with the identifier as its idempotency key.
 *
 * node --conditions=cistern-source examples/outside/meter-events.ts FOLDER OUT
 */
import { readFile, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CloudEvent, EventOf } from "@cistern/contract";

/** What the other system takes: so much of a meter, of a customer, at a time. */
interface MeterEvent {
  readonly identifier: string;
  readonly meter: "cistern_credits";
  readonly customer: string;
  readonly timestamp: string;
  /** Credits; below zero for a refund. */
  readonly value: string;
  readonly dimensions: { readonly member: string; readonly type: string };
}

/** What of an event is billed elsewhere; most of them are not. A part of a call is told with what that part cost, so parts add up. */
function meterEventOf(event: CloudEvent): MeterEvent | undefined {
  switch (event.type) {
    case "hold.settled":
      return meterEvent(event, { value: event.data.charged });
    case "usage.debited":
      return meterEvent(event, { value: event.data.charged, at: event.data.occurredAt });
    case "usage.refunded":
      return meterEvent(event, { value: `-${event.data.credits}` });
    default:
      return undefined;
  }
}

const meterEvent = (
  { id, source, type, time, data }: EventOf<"hold.settled" | "usage.debited" | "usage.refunded">,
  { value, at = time }: { readonly value: string; readonly at?: string },
): MeterEvent => ({
  identifier: id,
  meter: "cistern_credits",
  customer: source.slice("/workspaces/".length),
  timestamp: at,
  value,
  dimensions: { member: data.member, type },
});

/** Whole lines of a file; one without an end is being written, or comes again. */
async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").slice(0, -1);
}

const [, , folder, out] = process.argv;
if (folder === undefined || out === undefined) throw new Error("Usage: meter-events.ts FOLDER OUT");
const lines = [...(await linesOf(out))];
const known = new Set<string>();
for (const line of lines) {
  const { identifier }: MeterEvent = JSON.parse(line);
  known.add(identifier);
}
const before = known.size;
for (const name of (await readdir(folder)).filter((one) => one.endsWith(".jsonl")).toSorted())
  for (const line of await linesOf(join(folder, name))) {
    const told: CloudEvent = JSON.parse(line);
    const mapped = meterEventOf(told);
    if (mapped === undefined || known.has(mapped.identifier)) continue;
    known.add(mapped.identifier);
    lines.push(JSON.stringify(mapped));
  }
// The old file or the new one, whole.
await writeFile(`${out}.next`, lines.map((line) => `${line}\n`).join(""));
await rename(`${out}.next`, out);
console.log(`${known.size - before} meter events are new, ${before} were known.`);
