/**
 * Owns Cistern for tests and simulations: months pass in a second. It is the embedded Cistern whole, on a database of its own,
 * with a clock that stands still until it is told (docs/decisions/0012).
 *
 * M1 what was due up to an instant has happened when the clock stands there, each thing at its own instant and in order: the
 * clock stops wherever something is due, so that an invoice is issued when its time has come and not when somebody looks.
 * M2 reads see all that was answered before them; nothing is a little later.
 */
import { type CallingOptions, type Cistern, CisternProblem, cisternOver } from "@cistern/client";
import { type Problem, parseInstant, printInstant } from "@cistern/contract";
import { type State, nextDueAt } from "@cistern/kernel";
import type { PathCall } from "./api/index.ts";
import type { Taxes } from "./billing/index.ts";
import { type BookFormat, exportBooks } from "./books/index.ts";
import { type CatalogSource, builtInCatalog, readCatalog } from "./catalog/index.ts";
import { type NodeCalls, callsTo, transportOf } from "./in-process.ts";
import { type Node, type NodeLogEntry, openNode } from "./open-node.ts";
import { platform } from "./server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What a Cistern for tests begins with. */
export interface TestCisternOptions extends CallingOptions {
  /** Where its clock stands first, such as `2026-01-01T00:00:00Z`. */
  readonly now: string;
  /** In force until one is pushed; default the built-in one. */
  readonly catalog?: CatalogSource;
  /** An empty PostgreSQL of yours; left out, one is started in a temporary folder, which goes with `close` or the process. */
  readonly databaseUrl?: string | undefined;
  /** Who knows the tax of an invoice; default its billing profile. */
  readonly taxes?: Taxes;
  /** Told of what an operator should know; default nobody. */
  readonly log?: (entry: NodeLogEntry) => void;
}

/** A Cistern whose clock is yours. */
export interface TestCistern extends Cistern {
  /** Where the clock stands. */
  now(): string;
  /**
   * Moves the clock on, and has all happen that is due on the way: holds and credits expire, periods renew, outcomes mature, drafts
   * are issued. Rejects with `RangeError` where the clock would go back.
   */
  advanceTo(instant: string): Promise<void>;
  /** Calls of the API by path; a refusal rejects with `CisternProblem`. */
  get<Answer>(path: string): Promise<Answer>;
  put<Answer>(path: string, body: object): Promise<Answer>;
  /** A key is made for calls that need one. */
  post<Answer>(path: string, body?: object, options?: { idempotencyKey?: string }): Promise<Answer>;
  /** The books of all workspaces, in the form that an accountant's tool reads. */
  exportBooks(format: BookFormat): Promise<string>;
}

/**
 * Opens a Cistern for tests.
 *
 * @example
 * const cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z" });
 * await cistern.createWorkspace({ id: "acme", currency: "USD" });
 * await cistern.workspace("acme").subscription.put({ plan: "team", seats: 3 });
 * await cistern.advanceTo("2026-02-01T00:00:00Z");
 * await cistern.close();
 * @throws DatabaseFault, CatalogFault
 */
export async function createTestCistern(options: TestCisternOptions): Promise<TestCistern> {
  const { now, catalog = builtInCatalog, databaseUrl, log = () => {}, taxes, ...calling } = options;
  const read = readCatalog(catalog, "The catalog");
  const clock = new MovedClock(parseInstant(now));
  const home =
    databaseUrl === undefined ? await temporaryFolder(platform.host.platform) : undefined;
  const leave = async (): Promise<void> => await home?.remove();
  try {
    const node = await openNode(
      {
        databaseUrl,
        folder: home?.path ?? "",
        catalog: read,
        log,
        movedClock: () => clock.at,
        taxes,
      },
      platform,
    );
    const close = async (): Promise<void> => {
      await node.close();
      await leave();
    };
    return { ...callsOn(node, clock, { calling, log, close }), ...timeOf(node, clock) };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Stands still until it is told. Mutable. */
class MovedClock {
  at: number;

  constructor(at: number) {
    this.at = at;
  }
}

function timeOf(node: Node, clock: MovedClock): Pick<TestCistern, "now" | "advanceTo"> {
  return {
    now: () => printInstant(clock.at),
    async advanceTo(text) {
      const target = parseInstant(text);
      if (target < clock.at)
        throw new RangeError(`The clock stands at ${printInstant(clock.at)} and never goes back.`);
      for (;;) {
        clock.at = Math.min(target, await happen(node, clock));
        if (clock.at === target) break;
      }
      await happen(node, clock);
    },
  };
}

/** Has all happen that is due now, in every workspace, and says when something is due next (M1). */
async function happen(node: Node, { at }: MovedClock): Promise<number> {
  const { engine, parts } = node;
  // A version of the catalog takes effect in all of them.
  const versions = parts.catalog.versions().map(({ effectiveAtMs }) => effectiveAtMs);
  let next = Math.min(...versions.filter((effectiveAtMs) => effectiveAtMs > at));
  // A draft whose tax is not known stays one, until the clock is moved again.
  const tried = new Set<string>();
  for await (const workspaceId of parts.books.source.workspaces())
    for (;;) {
      const looked = await engine.read(workspaceId, (state) => lookAhead(state, at, tried));
      if (looked.kind !== "read") break;
      const { draft, nextAt } = looked.value;
      if (draft === undefined) {
        next = Math.min(next, nextAt);
        break;
      }
      const key = { opId: null, fingerprint: null };
      await parts.billing.issue({ workspaceId, invoice: draft, key });
      tried.add(draft);
    }
  for await (const workspaceId of parts.books.source.workspaces()) await node.follow(workspaceId);
  return next;
}

/** A draft that is to be issued now, or else when something is due next. */
function lookAhead(
  state: State,
  at: number,
  tried: ReadonlySet<string>,
): { draft: string | undefined; nextAt: number } {
  let nextAt = nextDueAt(state) ?? Number.POSITIVE_INFINITY;
  let draft: string | undefined;
  for (const invoice of state.invoices.invoices.values()) {
    if (invoice.status !== "draft" || tried.has(invoice.id)) continue;
    if (invoice.finalizesAt <= at) draft ??= invoice.id;
    else nextAt = Math.min(nextAt, invoice.finalizesAt);
  }
  return { draft, nextAt };
}

function callsOn(
  node: Node,
  clock: MovedClock,
  {
    calling,
    log,
    close,
  }: {
    readonly calling: CallingOptions;
    readonly log: (entry: NodeLogEntry) => void;
    readonly close: () => Promise<void>;
  },
): Omit<TestCistern, "now" | "advanceTo"> {
  const direct = callsTo(node, log);
  const calls: NodeCalls = {
    async call(sent, signal) {
      if (sent.method === "GET") await node.settled();
      return await direct.call(sent, signal);
    },
    async file(path, signal) {
      await node.settled();
      return await direct.file(path, signal);
    },
  };
  const asked = async <Answer>(sent: PathCall): Promise<Answer> => {
    const { status, body } = await calls.call(sent);
    const isProblem = (given: unknown): given is Problem => isObject(given) && status >= 400;
    const isAnswer = (given: unknown): given is Answer => isObject(given) && status < 400;
    if (isProblem(body)) throw new CisternProblem(body);
    if (!isAnswer(body)) throw new Error(`${sent.path} was answered ${status} without a body.`);
    return body;
  };
  const newKey = (): string => node.parts.newId("key");
  return {
    ...cisternOver({ ...calling, transport: transportOf(calls), onClose: close }),
    get: (path) => asked({ method: "GET", path }),
    put: (path, body) => asked({ method: "PUT", path, body }),
    post: (path, body = {}, { idempotencyKey = newKey() } = {}) =>
      asked({ method: "POST", path, body, idempotencyKey }),
    async exportBooks(format) {
      let text = "";
      for await (const piece of exportBooks({ source: node.parts.books.source, format }))
        text += piece;
      return text;
    },
  };
}

const isObject = (given: unknown): boolean => typeof given === "object" && given !== null;
