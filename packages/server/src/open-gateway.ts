/** Owns how the gateway is put on a node: it meters by the client's own collectors, over the operations of this process. */
import { cisternOver } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
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
  readonly onFault: (hold: string, error: unknown) => void;
}

/** A gateway, and its end. */
export interface OpenGateway extends Gateway {
  /** Waits for its calls to be settled, as long as a stop may take, and ends. */
  stop(): Promise<void>;
}

/** An end is told again and again until it is known, as long as its hold stands; a hold is waited for no longer than a caller waits. */
const untilItIsTold = { timeoutMs: 15 * 60_000, retriesMax: 1_000, backoffMaxMs: 5_000 };
const decisionTimeoutMs = 10_000;
const stopMs = 10_000;
/** Calls under way through one node; of one workspace at most a quarter of them. */
const callsMax = 4_000;
const callsPerWorkspaceMax = 1_000;
/** A model may think for minutes before its first token; the runtime itself gives up after five. */
const firstByteMs = 290_000;
const betweenBytesMs = 2 * 60_000;

/** Opens it. */
export function openGateway(options: OpenGatewayOptions): OpenGateway {
  const { operations, upstreams, platform, onFault } = options;
  const cistern = cisternOver({ transport: transportOf(callsOn(operations)), ...untilItIsTold });
  const collector = createCollector({
    cistern,
    scope: { workspace: "", member: "" },
    decisionTimeoutMs,
    onFault: ({ hold, error }) => onFault(hold, error),
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
