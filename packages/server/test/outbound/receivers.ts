/** Receivers of webhooks on this machine: each request is verified as a receiver would, then answered as the test says. */
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { TLSSocket } from "node:tls";
import { Webhook } from "standardwebhooks";
import type { Certificate } from "./certificates.ts";

/** A request as it came. */
export interface Received {
  readonly id: string;
  readonly workspace: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The connection that it came over: from 1. */
  readonly connection: number;
  /** The name that was asked for as TLS began. */
  readonly serverName: string | undefined;
}

/** A receiver. What it has `stored` is what it answered 2xx for. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  readonly stored: readonly Received[];
  /** Those stored, without what came twice: as a receiver does that knows ids. */
  storedOnce(workspace: string): readonly string[];
  /** Requests that none of the secrets verified. */
  unsigned(): number;
  /** Nobody listens any more. */
  close(): Promise<void>;
}

/** How a receiver answers; `stored` says that it did store. */
export type Answering = (
  received: Received,
  answer: { readonly response: ServerResponse; readonly stored: () => void },
) => void | Promise<void>;

/** Stores and says so. */
export const takes: Answering = (_received, { response, stored }) => {
  stored();
  response.writeHead(204).end();
};

/** Starts one; it ends with the test file. `secrets`: any of them verifies; none: nothing is looked at. `certificate`: over TLS, and called by the name localhost. */
export async function receiver(
  answering: Answering,
  secrets: () => readonly string[] = () => [],
  certificate?: Certificate,
): Promise<Receiver> {
  const received: Received[] = [];
  const stored: Received[] = [];
  const once = new Map<string, Set<string>>();
  let unsigned = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void hear(request, response);
  };
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer(
          { cert: await readFile(certificate.certFile), key: await readFile(certificate.keyFile) },
          listener,
        );
  const connections = new Map<IncomingMessage["socket"], number>();
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    const connection = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, connection);
    const one = { ...(await take(request)), connection };
    received.push(one);
    const keys = secrets();
    if (keys.length > 0 && !keys.some((key) => verifies(key, one))) {
      unsigned += 1;
      response.writeHead(401).end();
      return;
    }
    const store = (): void => {
      stored.push(one);
      const ids = once.get(one.workspace) ?? new Set();
      once.set(one.workspace, ids.add(one.id));
    };
    await answering(one, { response, stored: store });
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    url: `${certificate === undefined ? "http://127.0.0.1" : "https://localhost"}:${isAddress(address) ? address.port : 0}/in`,
    received,
    stored,
    storedOnce: (workspace) => [...(once.get(workspace) ?? [])],
    unsigned: () => unsigned,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isAddress = (value: unknown): value is AddressInfo =>
  typeof value === "object" && value !== null && "port" in value;

/** Whether a request bears a signature of this secret. */
export function verifies(secret: string, { headers, body }: Received): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

async function take(request: IncomingMessage): Promise<Omit<Received, "connection">> {
  const { socket } = request;
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += String(piece);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const id = headers["webhook-id"] ?? "";
  return {
    id,
    workspace: id.slice(0, id.lastIndexOf(":", id.lastIndexOf(":") - 1)),
    headers,
    body,
    serverName: socket instanceof TLSSocket ? String(socket.servername) : undefined,
  };
}
