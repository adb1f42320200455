/** Owns the sink of containers: a line of JSON an event on standard output, from where the platform collects it. */
import type { CloudEvent } from "@cistern/contract";
import type { Writable } from "node:stream";
import { type Sink, SinkFault, reasonOf } from "./sink.ts";

/** Where lines go, and under which name. */
export interface StdoutSinkOptions {
  readonly name: string;
  /** Such as the process's `stdout`. It stays open. */
  readonly stream: Pick<Writable, "write">;
}

/**
 * Durable is here what the operating system has taken: whoever collects the lines has them from there.
 *
 * @example const sink = stdoutSink({ name: "stdout", stream: process.stdout });
 */
export function stdoutSink({ name, stream }: StdoutSinkOptions): Sink {
  return {
    name,
    write: (events) =>
      new Promise((resolve, reject) => {
        stream.write(linesOf(events), (error) => {
          if (error == null) return resolve();
          reject(
            new SinkFault(`Standard output takes no events for ${name}: ${reasonOf(error)}.`, {
              cause: error,
            }),
          );
        });
      }),
    close: async () => {},
  };
}

/** A line of JSON an event, each with its end. */
export const linesOf = (events: readonly CloudEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");
