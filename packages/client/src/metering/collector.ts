// Owns: what every collector stands on.
import { type Estimator, heuristic, sound } from "../estimates/estimator.ts";
import { Learning, type MeterStatistics } from "../estimates/learned.ts";
import { Asking, type Common } from "./asking.ts";
import type { CollectorOptions } from "./collector-options.ts";
import { type CallPreview, HeldCall, previewed } from "./held-call.ts";
import { MeteredCall } from "./metered-call.ts";
import type { MeteredKind, MeteredRequest } from "./metered-request.ts";
import { type CallScope, scopeNow } from "./scope.ts";

/** Meters calls for a scope. SDKs are plugged in with the collector that is made for them (`/fetch`, `/ai-sdk`, `/anthropic`…). */
export interface Collector {
  readonly estimator: Estimator;
  /** The same for another member, run, project or workspace. */
  with(scope: Partial<CallScope>): Collector;
  /**
   * Asks for a call's hold.
   *
   * @throws CisternProblem it may not be made. CisternUnavailable nobody could say.
   */
  open(request: MeteredRequest, signal?: AbortSignal): Promise<MeteredCall>;
  /**
   * Asks now for a call that is made later, such as before the head of a streamed answer is sent.
   *
   * @returns a collector for that call: its first call of this meter and model has its hold, and the later ones ask for themselves. Unused, the
   * hold is released after a minute, or by `release`.
   * @throws CisternProblem it may not be made. CisternUnavailable nobody could say.
   * @example
   * const authorized = await credits.authorize({ model: "gpt-5", prompt: messages });
   * return streamText({ model: wrapLanguageModel({ model, middleware: languageModelMiddleware(authorized) }), messages });
   */
  authorize(preview: CallPreview, signal?: AbortSignal): Promise<AuthorizedCollector>;
  /** Tokens of output to hold for a call of this kind that names no bound. */
  readonly outputTokens: (kind: MeteredKind) => number;
  /** How estimates compare with what was used, by meter. */
  statistics(): Readonly<Record<string, MeterStatistics>>;
  /** Resolves when all calls that have ended are settled. To be waited for before a process or a serverless request ends. */
  idle(): Promise<void>;
}

/** A collector whose first call was asked for. */
export interface AuthorizedCollector extends Collector {
  /** The same; a call for somebody else, or of another run or project, is not the one that was asked for, and asks for itself. */
  with(scope: Partial<CallScope>): AuthorizedCollector;
  /** Gives the hold back, where no call took it. */
  release(): void;
}

const outputTokensDefault = 4_096;

/**
 * Makes a collector.
 *
 * @example
 * const credits = createCollector({ cistern, scope: { workspace: "acme", member: "ana" } });
 * const openai = new OpenAI({ fetch: meteredFetch(credits) });
 */
export function createCollector(options: CollectorOptions): Collector {
  const estimator = options.estimator === undefined ? heuristic : sound(options.estimator);
  const common: Common = { learning: new Learning(), pending: new Set(), buckets: new Map() };
  return collectorOn({ ...options, estimator }, common);
}

type Options = CollectorOptions & { readonly estimator: Estimator };

function collectorOn(options: Options, common: Common, held?: HeldCall): Collector {
  const { estimator } = options;
  const asking = new Asking(options, common);
  const outputTokens = (kind: MeteredKind): number =>
    common.learning.outputP95(scopeNow(options.scope).workspace, asking.meterOf(kind)) ??
    options.outputTokensDefault ??
    outputTokensDefault;
  return {
    estimator,
    with: (scope) => collectorOn(within(options, scope), common),
    open: async (request, signal) =>
      held?.take(asking.meterNamed(request), scopeNow(options.scope), request) ??
      new MeteredCall(await asking.asked(request, signal)),
    authorize: async (preview, signal) => {
      const request = previewed(preview, { estimator, outputTokens });
      const meter = asking.meterNamed(request);
      const scope = scopeNow(options.scope);
      const first = new HeldCall(meter, scope, await asking.asked(request, signal));
      return authorizedOn({ ...options, scope }, common, first);
    },
    outputTokens,
    statistics: () => common.learning.statistics(),
    idle: async () => {
      while (common.pending.size > 0) await Promise.all(common.pending);
    },
  };
}

/** Whoever it is narrowed to, the call that was asked for goes with it. */
function authorizedOn(options: Options, common: Common, held: HeldCall): AuthorizedCollector {
  return {
    ...collectorOn(options, common, held),
    with: (scope) => authorizedOn(within(options, scope), common, held),
    release: () => held.release(),
  };
}

const within = (options: Options, scope: Partial<CallScope>): Options => ({
  ...options,
  scope: () => ({ ...scopeNow(options.scope), ...scope }),
});
