/**
 * Owns the sink that publishes to a stream of NATS JetStream.
 *
 * N1 an event of a workspace is sent when the stream has acknowledged the one before it: so the order holds also where a
 * message is lost and the next is not. Other workspaces go on meanwhile. N2 `Nats-Msg-Id` is the event's id: what is sent again
 * within the stream's window for duplicates is stored once. N3 a connection that is lost is not mended behind our back, which
 * would send late what was given up; the next call makes a new one.
 */
import type { CloudEvent } from "@cistern/contract";
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import {
  type NatsConnection,
  type NodeConnectionOptions,
  connect,
  credsAuthenticator,
  headers,
} from "@nats-io/transport-node";
import { readFile } from "node:fs/promises";
import { type Sink, SinkFault, reasonOf } from "./sink.ts";

/** Where a stream is. */
export interface NatsSinkOptions {
  readonly name: string;
  /** Such as `127.0.0.1:4222`; several are tried in turn. */
  readonly servers: readonly string[];
  readonly isTls: boolean;
  /** Name of the stream, and the first word of its subjects. It is made where it is not there. */
  readonly stream: string;
  readonly user?: string;
  readonly password?: string;
  /** A file as `nsc` writes them. */
  readonly credentialsFile?: string;
  /** How long a connection or an acknowledgement is waited for, in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
}

const timeoutDefaultMs = 5_000;

/** Within it the stream knows an id again: a node that dies and its successor that sends again are seconds apart, not an hour. */
const duplicatesWindowNanos = 3_600 * 1_000_000_000;

/**
 * Opens nothing yet: a server that is away is looked for by each call.
 *
 * @example const sink = natsSink({ name: "nats", servers: ["127.0.0.1:4222"], isTls: false, stream: "cistern" });
 */
export function natsSink(options: NatsSinkOptions): Sink {
  const line = new Line(options);
  return {
    name: options.name,
    write: (events, signal) => line.send(events, signal),
    close: () => line.close(),
  };
}

/** Such as `cistern.acme.hold.settled`. A dot in the id of a workspace would begin another word, so it is written `%2E`, which no id holds. */
function subjectOf(stream: string, { source, type }: CloudEvent): string {
  const workspace = source.slice(source.lastIndexOf("/") + 1);
  return `${stream}.${workspace.replaceAll(".", "%2E")}.${type}`;
}

interface Connected {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
}

/** One connection, made when it is needed. */
class Line {
  readonly #options: NatsSinkOptions;
  readonly #timeoutMs: number;
  #connected: Promise<Connected> | undefined;

  constructor(options: NatsSinkOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? timeoutDefaultMs;
  }

  async send(events: readonly CloudEvent[], signal?: AbortSignal): Promise<void> {
    const { stream } = this.#options;
    const connected = (this.#connected ??= this.#connect());
    try {
      const { client } = await connected;
      for (const event of events) {
        signal?.throwIfAborted();
        const kind = headers();
        kind.set("Content-Type", "application/cloudevents+json");
        await client.publish(subjectOf(stream, event), JSON.stringify(event), {
          msgID: event.id,
          headers: kind,
          timeout: this.#timeoutMs,
          expect: { streamName: stream },
        });
      }
    } catch (error) {
      await this.#leave(connected);
      throw this.#faultOf(error);
    }
  }

  async close(): Promise<void> {
    if (this.#connected !== undefined) await this.#leave(this.#connected);
  }

  async #connect(): Promise<Connected> {
    const { stream, servers, name } = this.#options;
    const connection = await connect({
      servers: [...servers],
      name: `cistern ${name}`,
      reconnect: false,
      timeout: this.#timeoutMs,
      ...(await this.#credentials()),
    });
    try {
      await putStream(connection, stream, this.#timeoutMs);
      return { connection, client: jetstream(connection, { timeout: this.#timeoutMs }) };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #credentials(): Promise<NodeConnectionOptions> {
    const { isTls, user, password, credentialsFile } = this.#options;
    return {
      ...(isTls ? { tls: {} } : {}),
      ...(user === undefined ? {} : { user, pass: password ?? "" }),
      ...(credentialsFile === undefined
        ? {}
        : { authenticator: credsAuthenticator(await readFile(credentialsFile)) }),
    };
  }

  /** N3. Whoever waits on the same connection fails with it, and comes again on another. */
  async #leave(connected: Promise<Connected>): Promise<void> {
    if (this.#connected === connected) this.#connected = undefined;
    await connected.then(
      ({ connection }) => connection.close(),
      () => {},
    );
  }

  #faultOf(error: unknown): SinkFault {
    const { name, servers, stream } = this.#options;
    const at = servers.join(", ");
    return new SinkFault(`The sink ${name} (stream ${stream} at ${at}): ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

/** A stream that is there stays as its operator made it. */
async function putStream(
  connection: NatsConnection,
  stream: string,
  timeoutMs: number,
): Promise<void> {
  const manager = await jetstreamManager(connection, { timeout: timeoutMs });
  try {
    await manager.streams.info(stream);
  } catch (error) {
    const isMissing =
      error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (!isMissing) throw error;
    await manager.streams.add({
      name: stream,
      subjects: [`${stream}.>`],
      duplicate_window: duplicatesWindowNanos,
    });
  }
}
