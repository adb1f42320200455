import { issuerClient } from "./billing-profile.ts";
import { booksClient } from "./books.ts";
import { clientBounds } from "./bounds.ts";
import { Caller } from "./caller.ts";
import { callsOn } from "./calls.ts";
import { catalogClient } from "./catalog.ts";
import { consumersClient } from "./consumers.ts";
import type { Cistern, Deferred, WorkspaceClient } from "./cistern.ts";
import { defaultEnvironment } from "./defaults.ts";
import type { Environment } from "./environment.ts";
import { type FailureMode, failClosed } from "./failure-mode.ts";
import { httpTransport } from "./http-transport.ts";
import { ingestClient } from "./ingest.ts";
import { type ClosedWithJournal, closedMode } from "./offline/closed-with-journal.ts";
import type { OpenWithJournal } from "./offline/open-with-journal.ts";
import { OpenMode } from "./offline/open-with-journal.ts";
import type { OfflineParts } from "./offline/report-delivery.ts";
import { paths } from "./paths.ts";
import type { Transport } from "./transport.ts";
import { webhooksClient } from "./webhooks.ts";
import { workspaceClient } from "./workspace-client.ts";

/** How patient a client is, and what it stands on; every bound has a default in `clientBounds`. */
export interface CallingOptions {
  /** One call with all its retries; default 15 s. */
  readonly timeoutMs?: number;
  /** Repetitions after the first attempt; default 4. */
  readonly retriesMax?: number;
  readonly backoffBaseMs?: number;
  readonly backoffMaxMs?: number;
  readonly environment?: Partial<Environment>;
}

/** A server and a key for it. */
export interface CisternOptions extends CallingOptions {
  /** Such as `http://127.0.0.1:4200`. */
  readonly url: string;
  readonly apiKey: string;
  /** One HTTP request; default 5 s. */
  readonly requestTimeoutMs?: number;
  /** HTTP requests under way at once; default 4. */
  readonly requestsInFlightMax?: number;
  /** Operations that may wait for a request; default 10,000. */
  readonly queueMax?: number;
}

/** Another way to an engine, such as in process. */
export interface TransportOptions extends CallingOptions {
  readonly transport: Transport;
  /** Called by `close`. */
  readonly onClose?: () => Promise<void>;
}

/**
 * Connects to a Cistern server. Nothing is sent before the first call.
 *
 * @example
 * const cistern = createCistern({ url: "http://127.0.0.1:4200", apiKey });
 * const hold = await cistern.workspace("acme").authorize({ member: "ana", credits: "75" });
 * await hold.settle({ credits: "60" });
 */
export function createCistern(
  options: CisternOptions & { readonly failureMode?: "closed" },
): Cistern;
/**
 * The same with a journal: what was used is kept on disk while the server cannot be reached, and delivered once. With `open_with_journal`
 * holds are approved meanwhile, up to a bound, and booked later; with `closed` none is.
 */
export function createCistern(
  options: CisternOptions & { readonly failureMode: WithJournal },
): Cistern<Deferred>;
export function createCistern(
  options: CisternOptions & { readonly failureMode?: "closed" | WithJournal },
): Cistern<Deferred> {
  const environment = { ...defaultEnvironment, ...options.environment };
  const transport = httpTransport({ ...clientBounds, ...given(options) }, environment);
  return cisternOn(transport, options, options.failureMode ?? "closed");
}

/** The same interface over a transport of your own; where its engine may be unable to decide, a journal keeps what was used. */
export function cisternOver(
  options: TransportOptions & { readonly failureMode?: "closed" },
): Cistern;
export function cisternOver(
  options: TransportOptions & { readonly failureMode: "closed" | WithJournal },
): Cistern<Deferred>;
export function cisternOver(
  options: TransportOptions & { readonly failureMode?: "closed" | WithJournal },
): Cistern<Deferred> {
  return cisternOn(options.transport, options, options.failureMode ?? "closed", options.onClose);
}

function cisternOn(
  transport: Transport,
  options: CallingOptions,
  failureMode: "closed" | WithJournal,
  onClose?: () => Promise<void>,
): Cistern<Deferred> {
  const environment = { ...defaultEnvironment, ...options.environment };
  const caller = new Caller(transport, { ...clientBounds, ...given(options) }, environment);
  const mode = modeOf(failureMode, { caller, transport, environment });
  const parts = { caller, mode, environment };
  const calls = callsOn(caller, environment);
  const workspaces = new Map<string, WorkspaceClient<Deferred>>();
  return {
    workspace: (id) => {
      const known = workspaces.get(id);
      if (known !== undefined) return known;
      if (workspaces.size >= workspacesKept) workspaces.clear();
      const made = workspaceClient(id, parts);
      workspaces.set(id, made);
      return made;
    },
    createWorkspace: async (request, change) =>
      await calls.change("POST", paths.workspaces, request, change),
    catalog: catalogClient(calls),
    books: booksClient(calls),
    issuer: issuerClient(calls),
    ingest: ingestClient(calls, paths.ofAll),
    consumers: consumersClient(calls),
    webhooks: webhooksClient(calls),
    keys: {
      create: async (request, change) => await calls.change("POST", paths.keys, request, change),
      list: async (query, call) => await calls.read(paths.keys, query, call),
      revoke: async (id, change) => await calls.change("DELETE", paths.key(id), undefined, change),
    },
    close: async () => {
      caller.close();
      await mode.close();
      await onClose?.();
    },
  };
}

/** Collectors ask for a workspace at each call, and one is a hundred functions to make. */
const workspacesKept = 1_000;

type WithJournal = ClosedWithJournal | OpenWithJournal;

function modeOf(failureMode: "closed" | WithJournal, parts: OfflineParts): FailureMode {
  if (failureMode === "closed") return failClosed(parts.caller);
  switch (failureMode.kind) {
    case "closed":
      return closedMode(failureMode, parts);
    case "open_with_journal":
      return new OpenMode(failureMode, parts);
  }
}

/** Without what was given as `undefined`, which would hide a default. */
function given<Options extends object>(options: Options): Options {
  const copy = { ...options };
  for (const [name, value] of Object.entries(copy))
    if (value === undefined) Reflect.deleteProperty(copy, name);
  return copy;
}
