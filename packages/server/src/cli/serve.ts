import type { Command } from "commander";
import { readSettings } from "../host/index.ts";
import { type Server, serve } from "../server.ts";
import { greeting } from "./greeting.ts";

const stopSignals = ["SIGINT", "SIGTERM"] as const;

/** `cistern serve`: runs until SIGINT or SIGTERM, then drains and leaves nothing behind. */
export function addServe(program: Command): void {
  program
    .command("serve", { isDefault: true })
    .description("Start the API, and its PostgreSQL where DATABASE_URL names none")
    .action(runServe);
}

async function runServe(): Promise<void> {
  const settings = readSettings(process.env);
  const gaveUp = new AbortController();
  const asked = Promise.withResolvers<void>();
  const stop = (): void => {
    gaveUp.abort(new Error("The start was given up."));
    asked.resolve();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  if (process.env["npm_lifecycle_event"] !== undefined) whenOrphaned(stop);
  let server: Server;
  try {
    server = await serve(settings, { signal: gaveUp.signal });
  } catch (error) {
    if (gaveUp.signal.aborted) return;
    throw error;
  }
  const { url, firstKey, node } = server;
  // A first key is told in any case: it is shown this one time.
  if (!gaveUp.signal.aborted || firstKey !== undefined)
    // Where standard output is for events, it is for nothing else.
    (settings.sinks.some(({ kind }) => kind === "stdout") ? process.stderr : process.stdout).write(
      greeting({ url, firstKey, database: databaseLine(node, settings.folder) }),
    );
  await asked.promise;
  await server.stop();
}

const orphanCheckMs = 200;

/** npm runs its scripts through a shell, and a signal to npm ends that shell alone: then nobody is left who could stop us. */
function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, orphanCheckMs);
  watch.unref();
}

function databaseLine({ database }: Server["node"], folder: string): string {
  switch (database.origin) {
    case "started":
      return `PostgreSQL in ${folder}`;
    case "adopted":
      return `PostgreSQL in ${folder} (found running)`;
    case "url":
      return "PostgreSQL at DATABASE_URL";
  }
}
