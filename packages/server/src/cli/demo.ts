import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cistern, createCistern } from "@cistern/client";
import { parseCredits } from "@cistern/contract";
import { SingleBar } from "cli-progress";
import { type Command, InvalidArgumentError } from "commander";
import { verify } from "../audit/index.ts";
import { exportBooks } from "../books/index.ts";
import { createCalendar, readSettings } from "../host/index.ts";
import { postgresStore } from "../journal/index.ts";
import { type Server, serve } from "../server.ts";
import {
  type DealtRequest,
  type Prices,
  customers,
  deal,
  demandOf,
  setStage,
} from "./demo/cast.ts";
import { type Played, replay } from "./demo/replay.ts";
import { report } from "./demo/report.ts";
import { readTrace, shippedTrace } from "./demo/trace.ts";
import { exitCodes } from "./exit-codes.ts";
import { writeWhole } from "./write-whole.ts";
import { verdictText } from "./verify.ts";

const model = "gpt-5";
const seed = 20_231_116;
const speedDefault = 80;

/** `cistern demo`: a real trace as the traffic of three customers, on a server and a database of its own. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("Replay 25 minutes of real LLM traffic against a pool, and audit what it left")
    .option("--speed <times>", "how many times faster than life", speedOf, speedDefault)
    .option("--books <file...>", "write its books for hledger, or (.beancount) for beancount")
    .action(runDemo);
}

interface DemoOptions {
  readonly speed: number;
  readonly books?: readonly string[];
}

async function runDemo({ speed, books = [] }: DemoOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-demo-"));
  const asked = Promise.withResolvers<never>();
  const stop = (): void => asked.reject(new Error("The demo was stopped."));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  let server: Server | undefined;
  try {
    const settings = readSettings({ PORT: "0", CISTERN_DATA: folder });
    server = await serve(settings);
    await Promise.race([play(server, speed), asked.promise]);
    for (const file of books) await writeBooks(server, file);
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function play(server: Server, speed: number): Promise<void> {
  const cistern = createCistern({ url: server.url, apiKey: server.firstKey ?? "" });
  const requests = deal(await readTrace(shippedTrace), seed);
  const prices = await pricesOf(cistern);
  await setStage(cistern, requests, prices);
  process.stdout.write(
    `${requests.length} real requests for ${customers.length} workspaces, ${speed} times faster than life, over HTTP at ${server.url}\n`,
  );
  const played = await replayed(cistern, { requests, speed, prices });
  await cistern.close();
  process.stdout.write(`\n${report(played)}\n\n`);
  await audit(server);
}

async function replayed(
  cistern: Cistern,
  { requests, speed, prices }: { requests: readonly DealtRequest[]; speed: number; prices: Prices },
): Promise<Played> {
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {value}/{total} requests | {eta_formatted} left",
  });
  bar.start(requests.length, 0);
  const topUp = { workspace: "lumen", credits: demandOf("lumen", requests, prices) / 4n };
  try {
    return await replay({
      cistern,
      requests,
      speed,
      model,
      topUp,
      onProgress: (done) => bar.update(done),
    });
  } finally {
    bar.stop();
  }
}

/** What the server asks for a million tokens, from its own quotes, in a workspace that is only there to ask. */
async function pricesOf(cistern: Cistern): Promise<Prices> {
  await cistern.createWorkspace({ id: "prices" });
  const quote = async (bucket: string): Promise<bigint> => {
    const { credits } = await cistern
      .workspace("prices")
      .quote({ member: "anybody", meter: "chat", model, estimate: { [bucket]: 1_000_000 } });
    return parseCredits(credits);
  };
  return { input: await quote("input_text"), output: await quote("output_text") };
}

async function writeBooks({ node }: Server, file: string): Promise<void> {
  const format = file.endsWith(".beancount") ? "beancount" : "hledger";
  await writeWhole(file, exportBooks({ source: node.parts.books.source, format }));
  process.stdout.write(`Books: ${file}\n`);
}

async function audit({ node }: Server): Promise<void> {
  const pool = node.database.openPool({ purpose: "verify", connectionsMax: 2 });
  const verdict = await verify({
    pool,
    store: postgresStore({ pool }),
    calendar: createCalendar(),
  });
  process.stdout.write(verdictText(verdict));
  if (verdict.faults.length > 0) process.exitCode = exitCodes.failed;
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (!(speed > 0) || !Number.isFinite(speed))
    throw new InvalidArgumentError("It must be a number above 0.");
  return speed;
}
