import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type Socket, connect } from "node:net";

/** One answer: as much of it as a load generator looks at. */
export interface Answer {
  readonly status: number;
  /** Decoded byte for byte; what we look for in it is ASCII. */
  readonly body: string;
}

const headEnd = Buffer.from("\r\n\r\n");

/**
 * A keep-alive connection with one request under way at a time. It reads of HTTP what our own server writes: a status line,
 * a `content-length`, a body. It is no client for anything else, and says so when it meets something else.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<Answer> | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("The server closed the connection")));
  }

  static async open(host: string, port: number): Promise<Connection> {
    const socket = connect(port, host);
    await once(socket, "connect");
    return new Connection(socket);
  }

  /** Sends one request, given as the exact text of its head and body (ASCII). */
  send(request: string): Promise<Answer> {
    if (this.#waiting !== undefined) throw new Error("The last request has no answer yet");
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request, "latin1");
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    const bodyStart = received.indexOf(headEnd) + headEnd.length;
    if (bodyStart < headEnd.length) return;
    const head = received.toString("latin1", 0, bodyStart);
    const length = /\r\ncontent-length: *(\d+)/iu.exec(head)?.[1];
    if (length === undefined) {
      this.#fail(new Error(`An answer without content-length: ${head}`));
      return;
    }
    const bodyEnd = bodyStart + Number(length);
    if (received.length < bodyEnd) return;
    this.#received = received.subarray(bodyEnd);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice(9, 12)),
      body: received.toString("latin1", bodyStart, bodyEnd),
    });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.#socket.destroy();
  }
}
