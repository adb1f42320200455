/** Owns how the sinks that the environment asks for are put on a node. */
import { hostname } from "node:os";
import type { SinkSettings } from "./host/index.ts";
import {
  type FileWriter,
  type Pump,
  type Sink,
  type StdoutSinkOptions,
  fileSink,
  natsSink,
  sinkConsumer,
  stdoutSink,
} from "./outbound/index.ts";
import type { Platform } from "./platform.ts";

/** What sinks stand on. */
export interface SinkGround {
  readonly pump: Pick<Pump, "put">;
  readonly platform: Platform;
  /** Such as the process's. */
  readonly stdout: StdoutSinkOptions["stream"];
  /** Told where a crash left half a line. */
  readonly onMended: (message: string) => void;
}

/** Sinks that a node feeds. */
export interface Sinks {
  /** After the node. */
  close(): Promise<void>;
}

/**
 * From now on the node feeds them. One that is away is looked for later; one that can never work is told at once.
 *
 * @throws SinkFault
 */
export async function openSinks(
  settings: readonly SinkSettings[],
  ground: SinkGround,
): Promise<Sinks> {
  const sinks: Sink[] = [];
  for (const one of settings) sinks.push(await openSink(one, ground));
  for (const sink of sinks) ground.pump.put(sinkConsumer(sink));
  return {
    async close() {
      for (const sink of sinks) await sink.close();
    },
  };
}

async function openSink(
  settings: SinkSettings,
  { platform, stdout, onMended }: SinkGround,
): Promise<Sink> {
  const { name } = settings;
  switch (settings.kind) {
    case "stdout":
      return stdoutSink({ name, stream: stdout });
    case "file":
      return fileSink({
        name,
        folder: settings.folder,
        writer: writerOf(platform),
        now: () => platform.now(),
        onMended: (file, bytes) =>
          onMended(`A crash left half a line in ${file} (sink ${name}): ${bytes} bytes were cut.`),
      });
    case "nats":
      return natsSink(settings);
  }
}

/** Another start under the same number is another writer. */
function writerOf({ host, randomUuid }: Platform): FileWriter {
  const isAlive = (pid: number): boolean => {
    try {
      return host.kill(pid, 0);
    } catch (error) {
      // One that is not ours to signal lives too.
      return error instanceof Error && "code" in error && error.code !== "ESRCH";
    }
  };
  return { host: hostname(), pid: host.pid, start: randomUuid().slice(0, 8), isAlive };
}
