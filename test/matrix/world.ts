/** Owns where the matrix is played: a real server on a real database, a pool a cell, and a provider of the cell's own. */
import { createCistern } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
import { type Server, readSettings, serve } from "../../packages/server/src/index.ts";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { temporaryFolder } from "../../packages/server/test/temporary-folder.ts";
import { startProvider } from "../../packages/client/test/collectors/provider.ts";
import {
  type ApiServer,
  type Json,
  callsTo,
  eventually,
  workspaceWith,
} from "../../packages/server/test/api/api-server.ts";
import { Relay } from "./relay.ts";
import type { Connection, End, RunnableCell } from "./cell.ts";

const adminKey = "cst_admin_of_the_matrix";

/** What a cell came to. */
export interface CellResult {
  readonly expected: readonly End[];
  readonly got: readonly End[];
  /** What the program saw without metering, and with it. */
  readonly bare: unknown;
  readonly metered: unknown;
}

/** See the file head. */
export class World {
  readonly #server: Server;
  readonly #api: Omit<ApiServer, "server">;
  readonly #relay: Relay;
  #made = 0;

  private constructor(server: Server, relay: Relay) {
    this.#server = server;
    this.#api = callsTo(server.url, adminKey);
    this.#relay = relay;
  }

  /** Starts a server that meters what is in the cells. */
  static async start(): Promise<World> {
    const relay = await Relay.start();
    const upstreams = Object.fromEntries(
      ["openai", "anthropic", "google"].map((name) => [name, { url: relay.url }]),
    );
    const { url } = await freshDatabase();
    const settings = readSettings({
      PORT: "0",
      DATABASE_URL: url,
      CISTERN_API_KEY: adminKey,
      CISTERN_LOG: "error",
      CISTERN_GATEWAY: JSON.stringify(upstreams),
      CISTERN_DATA: (await temporaryFolder()).path,
    });
    return new World(await serve(settings), relay);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Plays a cell twice, without and with metering, and reads from the journal how its holds ended. */
  async play(cell: RunnableCell, isGateway: boolean): Promise<CellResult> {
    const bare = await this.#bare(cell);
    const workspace = `cell-${(this.#made += 1)}`;
    await workspaceWith(this.#api, workspace, "100000");
    await using provider = await startProvider(...cell.provider);
    const cistern = createCistern({ url: this.#server.url, apiKey: adminKey });
    const collector = createCollector({ cistern, scope: { workspace, member: "ana" } });
    const to: Connection = isGateway
      ? {
          url: provider.url,
          collector: undefined,
          gateway: await this.#gatewayTo(provider.url, workspace),
        }
      : { url: provider.url, collector, gateway: undefined };
    const metered = await cell.run(to, provider);
    await collector.idle();
    const got = await this.#ends(workspace, cell.expected.length);
    await cistern.close();
    return { expected: cell.expected, got, bare, metered };
  }

  async #bare(cell: RunnableCell): Promise<unknown> {
    await using provider = await startProvider(...cell.provider);
    return await cell.run(
      { url: provider.url, collector: undefined, gateway: undefined },
      provider,
    );
  }

  /** The one gateway reaches whatever provider this cell has. */
  async #gatewayTo(url: string, workspace: string): Promise<Connection["gateway"]> {
    this.#relay.target = url;
    const made = await this.#api.post("/v1/keys", {
      name: workspace,
      scopes: ["gateway:use"],
      workspace,
      member: "ana",
    });
    return { url: `${this.#server.url}/gateway`, key: made.textAt("key") };
  }

  /** Which holds were opened is the journal's to say, what they were settled with the usage rows'. */
  async #ends(workspace: string, atLeast: number): Promise<readonly End[]> {
    const path = `/v1/workspaces/${workspace}`;
    const page = await eventually(
      () => this.#api.get(`${path}/events?limit=100`),
      (reply) => {
        const ends = endedIn(reply.rows());
        return ends.length >= atLeast && ends.every(({ how }) => how !== undefined);
      },
      patienceMs,
    );
    const ended = endedIn(page.rows());
    const settled = ended.filter(({ how }) => how === "settled").length;
    const usage = await eventually(
      () => this.#api.get(`${path}/usage?limit=100`),
      (reply) => reply.rows().length >= settled,
      patienceMs,
    );
    const rows = new Map(usage.rows().map((one) => [one["id"], one]));
    return ended.flatMap(({ id, how }) => {
      if (how === "released") return ["released" as const];
      const found = rows.get(id);
      return found === undefined ? [] : [endOf(found)];
    });
  }
}

const patienceMs = 10_000;

interface Ended {
  readonly id: string;
  how: "settled" | "released" | undefined;
}

function endedIn(events: readonly Json[]): readonly Ended[] {
  const holds = new Map<string, Ended>();
  for (const { type, subject } of events) {
    if (typeof subject !== "string") continue;
    if (type === "hold.opened") holds.set(subject, { id: subject, how: undefined });
    const hold = holds.get(subject);
    if (hold === undefined) continue;
    if (type === "hold.released") hold.how = "released";
    if (type === "hold.settled") hold.how = "settled";
  }
  return [...holds.values()];
}

function endOf({ usage, outcome, estimated }: Json): End {
  if (!isUsage(usage) || !isOutcome(outcome))
    throw new Error("A settlement without usage or outcome");
  return { usage, outcome, ...(estimated === true ? { estimated } : {}) };
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function isUsage(value: unknown): value is Readonly<Record<string, number>> {
  return isJson(value) && Object.values(value).every((one) => typeof one === "number");
}

function isOutcome(value: unknown): value is Exclude<End, "released">["outcome"] {
  return ["delivered", "partial", "cancelled", "failed"].some((outcome) => outcome === value);
}
