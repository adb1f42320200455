/**
 * Owns how the gateway is put on a node: it meters by the client's own collectors, over the operations of this process.
 *
 * N1 what a call used is told once: while the database is away it is on the disk of this node, in its data folder, and the next start on that
 * folder tells what a killed one could not. N2 a node that cannot keep it does not begin.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClosedWithJournal, type OfflineJournal, cisternOver } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
import { JournalInUse, openNodeJournal } from "@cistern/client/node-journal";
import type { Problem } from "@cistern/contract";
import type { Operations } from "./api/index.ts";
import { type Gateway, createGateway } from "./gateway/index.ts";
import type { Upstream } from "./host/index.ts";
import { callsOn, transportOf } from "./in-process.ts";
import type { Platform } from "./platform.ts";

/** What the gateway of a node stands on. */
export interface OpenGatewayOptions {
  readonly operations: Pick<Operations, "dispatch" | "file">;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly platform: Pick<Platform, "after">;
  /** The node's data folder, which no other node may have. */
  readonly folder: string;
  readonly log: (entry: GatewayLogEntry) => void;
}

/** What an operator should know. */
export interface GatewayLogEntry {
  readonly message: string;
  readonly hold?: string;
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/**
 * The journal of the gateway cannot be had.
 * - `in_use`: another node works with the data folder.
 * - `unusable`: the file is damaged, or the folder cannot be written to.
 */
export class GatewayFault extends Error {
  override readonly name = "GatewayFault";
  readonly code: "in_use" | "unusable";

  constructor(code: GatewayFault["code"], message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A gateway, and its end. */
export interface OpenGateway extends Gateway {
  /** Waits for its calls to be settled, as long as a stop may take, and ends. */
  stop(): Promise<void>;
}

/** Beside the embedded database. */
const journalFile = "gateway.jsonl";
/** A hold is waited for as long as a caller waits; an end that is not told by then is left to the journal. */
const patience = { timeoutMs: 10_000, retriesMax: 1_000 };
const stopMs = 10_000;
/** Calls under way through one node; of one workspace at most a quarter of them. */
const callsMax = 4_000;
const callsPerWorkspaceMax = 1_000;
/** A model may think for minutes before its first token; the runtime itself gives up after five. */
const firstByteMs = 290_000;
const betweenBytesMs = 2 * 60_000;

/**
 * Opens it, and tells what an earlier node on this folder could not.
 *
 * @throws GatewayFault
 */
export async function openGateway(options: OpenGatewayOptions): Promise<OpenGateway> {
  const { operations, upstreams, platform, log } = options;
  const journal = await openJournal(options);
  const cistern = cisternOver({
    transport: transportOf(callsOn(operations)),
    ...patience,
    failureMode: journal === undefined ? "closed" : journaling(journal, log),
  });
  const collector = createCollector({
    cistern,
    scope: { workspace: "", member: "" },
    onFault: ({ hold, error: cause }) =>
      log({
        message: "A call through the gateway could not be ended; its hold expires",
        hold,
        cause,
      }),
  });
  const gateway = createGateway({
    upstreams,
    collector,
    permits: { all: callsMax, perWorkspace: callsPerWorkspaceMax },
    patience: { firstByteMs, betweenBytesMs },
    after: (ms, callBack) => platform.after(ms, callBack),
  });
  return {
    call: async (request) => await gateway.call(request),
    get underWay() {
      return gateway.underWay;
    },
    stop: async () => {
      const late = Promise.withResolvers<void>();
      const callOff = platform.after(stopMs, () => late.resolve());
      await Promise.race([collector.idle(), late.promise]);
      callOff();
      await cistern.close();
    },
  };
}

/** N2. A node without providers tells what is left of the time when it had some, if nobody else does. */
async function openJournal({
  folder,
  upstreams,
}: OpenGatewayOptions): Promise<OfflineJournal | undefined> {
  const path = join(folder, journalFile);
  const isNeeded = upstreams.size > 0;
  if (!isNeeded && !existsSync(path)) return undefined;
  try {
    return await openNodeJournal({ path });
  } catch (error) {
    const isInUse = error instanceof JournalInUse;
    if (isInUse && !isNeeded) return undefined;
    const said = error instanceof Error ? error.message : String(error);
    throw isInUse
      ? new GatewayFault(
          "in_use",
          `${said} Each node with a gateway needs a data folder of its own: set CISTERN_DATA.`,
          error,
        )
      : new GatewayFault(
          "unusable",
          `The gateway keeps what calls used in ${path} while the database is away, and cannot: ${said} Set CISTERN_DATA to a folder that outlives the process.`,
          error,
        );
  }
}

const journaling = (
  journal: OfflineJournal,
  log: OpenGatewayOptions["log"],
): ClosedWithJournal => ({
  kind: "closed",
  journal,
  onRefused: ({ subject, id }, problem) =>
    log({
      message: `What a call through the gateway used was refused; entry ${id} of ${journalFile}.refused has it`,
      hold: subject,
      problem,
    }),
  onFault: (cause) =>
    log({ message: `${journalFile} cannot be worked with; it is tried again`, cause }),
});
