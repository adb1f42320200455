/** A node in a process of its own, so that it can be killed: it says where it listens, and delivers at the pace of the torture. */
import { readSettings, serve } from "../../src/index.ts";
import { torturePace } from "./torture-pace.ts";

const server = await serve(readSettings(process.env), { outbound: torturePace });
process.stdout.write(`${server.url}\n`);
// It ends with the process that started it.
process.stdin.resume().on("close", () => process.exit());
