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
  type Authenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  headers,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { readFile } from "node:fs/promises";
import { type NatsMessage, bytesOf, referringMessage, wholeMessage } from "./nats-message.ts";
import { type FaultOf, type Sink, SinkFault, reasonOf } from "./sink.ts";

/** Where a stream is. */
export interface NatsSinkOptions {
  readonly name: string;
  /** Such as `127.0.0.1:4222`; several are tried in turn. */
  readonly servers: readonly string[];
  /** Name of the stream, and the first word of its subjects. It is made where it is not there. */
  readonly stream: string;
  /** Over TLS, and never without it; left out: only where the server wants it. */
  readonly tls?: NatsTls;
  readonly login?: NatsLogin;
  /** How long a connection or an acknowledgement is waited for, in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
}

/** Files of PEM, read for each connection. */
export interface NatsTls {
  /** Whose certificates are trusted; left out: those that Node trusts. */
  readonly caFile?: string;
  /** Who we are, for a server that asks for it. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Who we are. Files are read for each connection. */
export type NatsLogin =
  | { readonly kind: "user"; readonly user: string; readonly password: string }
  | { readonly kind: "token"; readonly token: string }
  /** A seed, `SU…`. */
  | { readonly kind: "nkey"; readonly file: string }
  /** As `nsc` writes them: a JWT and its seed. */
  | { readonly kind: "creds"; readonly file: string };

const timeoutDefaultMs = 5_000;

/** Each is acknowledged before the next: so many are through in the time of a delivery also over half the world. */
const batchEventsMax = 64;

/** Within it the stream knows an id again: a node that dies and its successor that sends again are seconds apart, not an hour. */
const duplicatesWindowNanos = 3_600 * 1_000_000_000;

/**
 * Opens nothing yet: a server that is away is looked for by each call.
 *
 * @example const sink = natsSink({ name: "nats", servers: ["127.0.0.1:4222"], stream: "cistern" });
 */
export function natsSink(options: NatsSinkOptions): Sink {
  const line = new Line(options);
  return {
    name: options.name,
    batchEventsMax,
    write: (events, signal) => line.send(events, signal),
    close: () => line.close(),
  };
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
    const connected = (this.#connected ??= this.#connect());
    try {
      const { connection, client } = await connected;
      for (const event of events) {
        signal?.throwIfAborted();
        await this.#sendOne(
          event,
          client,
          connection.info?.max_payload ?? Number.POSITIVE_INFINITY,
        );
      }
    } catch (error) {
      const fault = this.#faultOf(error);
      if (fault.of === "sink") await this.#leave(connected);
      throw fault;
    }
  }

  /** G2 in `nats-message.ts`: by the server's bound, which it tells, and by the stream's, which it tells by refusing. */
  async #sendOne(event: CloudEvent, client: JetStreamClient, bytesMax: number): Promise<void> {
    const { stream } = this.#options;
    const whole = wholeMessage(stream, event);
    const isTaken = bytesOf(whole) <= bytesMax && (await this.#publish(whole, client));
    if (isTaken) return;
    const referring = referringMessage(stream, event);
    const bytes = bytesOf(referring);
    if (bytes <= bytesMax && (await this.#publish(referring, client))) return;
    const text = `${event.id} takes ${bytes} bytes also without its data, more than the server's max_payload or the stream's max_msg_size allows: allow at least 4096`;
    throw this.#fault(new Error(text), "events");
  }

  /** false: it is larger than the stream takes. */
  async #publish(
    { subject, headers: pairs, body }: NatsMessage,
    client: JetStreamClient,
  ): Promise<boolean> {
    const all = headers();
    for (const [name, value] of pairs) all.set(name, value);
    try {
      await client.publish(subject, body, { headers: all, timeout: this.#timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === messageTooLarge) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#connected !== undefined) await this.#leave(this.#connected);
  }

  async #connect(): Promise<Connected> {
    const { stream, servers, name } = this.#options;
    const connection = await connectClearly({
      servers: [...servers],
      name: `cistern ${name}`,
      reconnect: false,
      timeout: this.#timeoutMs,
      ...(await this.#access()),
    });
    try {
      await putStream(connection, stream, this.#timeoutMs);
      return { connection, client: jetstream(connection, { timeout: this.#timeoutMs }) };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #access(): Promise<NodeConnectionOptions> {
    const { tls, login } = this.#options;
    return {
      ...(tls === undefined ? {} : { tls: { ...tls } }),
      ...(login === undefined ? {} : { authenticator: await authenticatorOf(login) }),
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
    return error instanceof SinkFault ? error : this.#fault(error, faultOf(error));
  }

  #fault(cause: unknown, of: FaultOf): SinkFault {
    const { name, servers, stream } = this.#options;
    const at = servers.join(", ");
    const message = `The sink ${name} (stream ${stream} at ${at}): ${reasonOf(cause)}.`;
    return new SinkFault(message, { cause, of });
  }
}

/** A server that does not accept us says so and hangs up; the client often tells the second alone. */
async function connectClearly(options: NodeConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (error) {
    if (!isHungUp(error)) throw error;
    const message = `the server hung up as the connection began (${saidBy(error)}): it may not accept who we are, by user, token, nkey, credentials or certificate; its log says why`;
    throw new Error(message, { cause: error });
  }
}

function isHungUp(error: unknown): boolean {
  // Where nobody listens, the cause says that.
  if (error instanceof errors.ConnectionError)
    return error.cause === undefined && error.message === "connection refused";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EPIPE" || code === "ECONNRESET" || String(code).startsWith("ERR_SSL_");
}

/** OpenSSL's errors have their words apart from where in its sources they came up. */
const saidBy = (error: unknown): string =>
  error instanceof Error && "reason" in error ? String(error.reason) : reasonOf(error);

async function authenticatorOf(login: NatsLogin): Promise<Authenticator> {
  switch (login.kind) {
    case "user":
      return usernamePasswordAuthenticator(login.user, login.password);
    case "token":
      return tokenAuthenticator(login.token);
    case "nkey":
      return nkeyAuthenticator(Buffer.from((await readFile(login.file, "utf8")).trim()));
    case "creds":
      return credsAuthenticator(await readFile(login.file));
  }
}

/** What the server answers to one subject says nothing of others; a stream that is full, or a server that is not ready, says it of all. */
function faultOf(error: unknown): FaultOf {
  if (error instanceof errors.PermissionViolationError) return "events";
  if (!(error instanceof JetStreamApiError)) return "sink";
  return error.status < 500 || error.message.includes("per subject") ? "events" : "sink";
}

/** JetStream's "message size exceeds maximum allowed". */
const messageTooLarge = 10_054;

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
