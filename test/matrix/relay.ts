/**
 * Owns one fixed address in front of providers that come and go: the gateway knows its upstreams from its settings. It passes bytes on as a
 * cable does, and cuts both ends when either is cut.
 */
import { once } from "node:events";
import { type Server, connect, createServer } from "node:net";

/** See the file head. Mutable: where it leads. */
export class Relay {
  readonly #server: Server;
  /** URL of the provider. */
  target = "";

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  static async start(): Promise<Relay> {
    const server = createServer((near) => {
      const far = connect(Number(new URL(relay.target).port), "127.0.0.1");
      near.pipe(far);
      far.pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    const relay = new Relay(server);
    server.unref();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return relay;
  }
}
