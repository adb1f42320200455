/** Owns where the matrix is played: a real server on a real database, a pool a cell, and a provider of the cell's own. */
import { setTimeout as wait } from "node:timers/promises";
import { createCistern } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
import { type Server, readSettings, serve } from "../../packages/server/src/index.ts";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { temporaryFolder } from "../../packages/server/test/temporary-folder.ts";
import { type Provider, startProvider } from "../../packages/client/test/collectors/provider.ts";
import {
  type ApiServer,
  type Json,
  callsTo,
  eventually,
  workspaceWith,
} from "../../packages/server/test/api/api-server.ts";
import { catalog } from "./catalog.ts";
import type { Connection, End, RunnableRow, Situation, Told } from "./cell.ts";
import { Relay } from "./relay.ts";

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
    return new World(await serve(settings, { catalog }), relay);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Plays a cell twice, without and with metering, and reads from the journal how its holds ended. */
  async play(row: RunnableRow, situation: Situation, cell: Told): Promise<CellResult> {
    const workspace = `cell-${(this.#made += 1)}`;
    await workspaceWith(this.#api, workspace, "100000");
    const program = { row, situation, cell };
    const [bare, { metered, got }] = await Promise.all([
      this.#bare(program),
      this.#metered(program, workspace),
    ]);
    return { expected: cell.expected, got, bare, metered };
  }

  async #bare(program: Program): Promise<unknown> {
    await using provider = await startProvider(...program.cell.provider);
    return await run(program, straightTo(provider.url), provider);
  }

  /** The provider is there until the holds have ended: who left early is still heard out. */
  async #metered(
    program: Program,
    workspace: string,
  ): Promise<Pick<CellResult, "metered" | "got">> {
    const { through } = program.row;
    await using provider = await startProvider(...program.cell.provider);
    const holdsMin = program.cell.expected.length;
    if (through !== undefined) {
      // The one gateway reaches whatever provider this cell has.
      this.#relay.target = provider.url;
      const to = await this.#throughGateway(through, workspace);
      const metered = await run(program, to, provider);
      return { metered, got: await this.#ends(workspace, holdsMin) };
    }
    const cistern = createCistern({ url: this.#server.url, apiKey: adminKey });
    const collector = createCollector({ cistern, scope: { workspace, member: "ana" } });
    const metered = await run(program, { ...straightTo(provider.url), collector }, provider);
    await collector.idle();
    await cistern.close();
    return { metered, got: await this.#ends(workspace, holdsMin) };
  }

  async #throughGateway(provider: string, workspace: string): Promise<Connection> {
    const scopes = ["gateway:use"];
    const key = { name: workspace, scopes, workspace, member: "ana" };
    const made = await this.#api.post("/v1/keys", key);
    return {
      url: `${this.#server.url}/gateway/${provider}`,
      apiKey: made.textAt("key"),
      collector: undefined,
    };
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

const straightTo = (url: string): Connection => ({
  url,
  apiKey: "sk-test",
  collector: undefined,
});

/** A cell of a row. */
interface Program {
  readonly row: RunnableRow;
  readonly situation: Situation;
  readonly cell: Told;
}

async function run(
  { row, situation, cell }: Program,
  to: Connection,
  { calls }: Provider,
): Promise<unknown> {
  const asked = async (): Promise<void> => {
    while (calls.length === 0) await wait(5);
  };
  return await row.run(situation, cell, { to, asked });
}

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
