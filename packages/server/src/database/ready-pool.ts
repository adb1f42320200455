/**
 * Owns connections that are lent without waiting. `connect` of the driver's pool gives even an idle connection only after
 * everything that is ready to run has run; whoever must send at once (the next append, before the answers of the last one go
 * out) takes a ready one here.
 *
 * T1 at most half of the connections are kept ready, so that `connect` always finds one. T2 a ready connection that breaks is
 * dropped, and ready ones do not hold up the end of the pool.
 */
import { Pool, type PoolClient, type PoolConfig } from "pg";

/** See the file head. */
export class ReadyPool extends Pool {
  readonly #readyMax: number;
  readonly #ready: PoolClient[] = [];
  readonly #watched = new WeakSet<PoolClient>();

  constructor(config: PoolConfig) {
    super(config);
    this.#readyMax = (config.max ?? 0) >>> 1;
  }

  /** A connection that was kept; nothing when there is none. It is given back by `keep`, or by its own `release`. */
  take(): PoolClient | undefined {
    return this.#ready.pop();
  }

  /** Gives a connection back that did its work, and is kept ready where one may be. */
  keep(client: PoolClient): void {
    if (this.ending || this.#ready.length >= this.#readyMax) return client.release();
    this.#ready.push(client);
    if (this.#watched.has(client)) return;
    this.#watched.add(client);
    client.once("end", () => this.#drop(client));
  }

  override end(): Promise<void> {
    const ended = super.end();
    for (const client of this.#ready.splice(0)) client.release();
    return ended;
  }

  #drop(client: PoolClient): void {
    const index = this.#ready.indexOf(client);
    if (index < 0) return;
    this.#ready.splice(index, 1);
    client.release(true);
  }
}
