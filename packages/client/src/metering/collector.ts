// Owns: what every collector stands on: whom calls are metered for, the hold before each call, and the ends that are under way.
// L1: no call without an approval. L2: a call's end never fails its caller: what cannot be settled is told to `onFault`. L3: a caller that gives up leaves no hold.
import type { Hold, HoldRequest, Usage } from "@cistern/contract";
import type { Cistern, Deferred } from "../cistern.ts";
import { defaultEnvironment } from "../defaults.ts";
import { CisternProblem } from "../errors.ts";
import { type Estimator, heuristic } from "../estimates/estimator.ts";
import { Learning, type MeterStatistics } from "../estimates/learned.ts";
import { callUsage } from "./buckets.ts";
import { type CallPreview, HeldCall, previewed } from "./held-call.ts";
import { nothingSeen } from "./ending.ts";
import { MeteredCall, type MeteredCallParts } from "./metered-call.ts";
import type { MeteredKind, MeteredRequest } from "./metered-request.ts";
import { type CallScope, type ScopeSource, scopeNow } from "./scope.ts";

/** What went wrong beside a call that itself went on. */
export interface CollectorFault {
  /** The end of a call could not be told: its hold expires, unless somebody settles it. */
  readonly kind: "unsettled";
  readonly hold: string;
  readonly error: unknown;
}

/** How calls are metered. */
export interface CollectorOptions {
  readonly cistern: Cistern<Deferred>;
  readonly scope: ScopeSource;
  /** Names of the catalog's meters where they differ from `chat`, `embedding`, `image`, `speech`, `transcription`, `video`, `rerank`, `tool`. */
  readonly meters?: Partial<Readonly<Record<MeteredKind, string>>>;
  /** Default `heuristic`. */
  readonly estimator?: Estimator;
  /** Tokens of output to hold for a call that names no bound, until 20 calls of its meter were learned from; default 4,096. */
  readonly outputTokensDefault?: number;
  /** How long a call may take before its hold expires; default `PT15M`. A later end is charged all the same. */
  readonly ttl?: string;
  /** How long a call waits for its hold; default: as long as the client waits for any answer. */
  readonly decisionTimeoutMs?: number;
  /**
   * By whose price a call is charged that another model answered than was asked for. `asked`, the default: the name that was held for, which may be an
   * alias or a deployment that only the provider knows. `answered`: the one that answered, for routers that fall back; a name without a row of the
   * rate card is then charged what the hold has left, `unrated`.
   */
  readonly chargeBy?: "asked" | "answered";
  /** Default: a warning on the console. */
  readonly onFault?: (fault: CollectorFault) => void;
}

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
  /** Gives the hold back, where no call took it. */
  release(): void;
}

const outputTokensDefault = 4_096;
const ttlDefault = "PT15M";

/**
 * Makes a collector.
 *
 * @example
 * const credits = createCollector({ cistern, scope: { workspace: "acme", member: "ana" } });
 * const openai = new OpenAI({ fetch: meteredFetch(credits) });
 */
export function createCollector(options: CollectorOptions): Collector {
  return collectorOn(options, {
    learning: new Learning(),
    pending: new Set(),
    buckets: new Map(),
  });
}

/** What collectors of one origin share. Mutable. */
interface Common {
  readonly learning: Learning;
  readonly pending: Set<Promise<void>>;
  /** The buckets that a meter's price knows, by meter and model. */
  readonly buckets: Map<string, readonly string[]>;
}

function collectorOn(options: CollectorOptions, common: Common, held?: HeldCall): Collector {
  const { estimator = heuristic } = options;
  const onFault = (fault: CollectorFault): void => {
    try {
      (options.onFault ?? warnOf)(fault);
    } catch (error) {
      defaultEnvironment.warn("Cistern's `onFault` threw.", error);
    }
  };
  const { learning, pending } = common;
  const { decisionTimeoutMs } = options;
  const deciding = decisionTimeoutMs === undefined ? {} : { timeoutMs: decisionTimeoutMs };
  const meterOf = (kind: MeteredKind): string => options.meters?.[kind] ?? kind;
  const meterNamed = ({ meter, kind }: MeteredRequest): string => meter ?? meterOf(kind);
  const outputTokens = (kind: MeteredKind): number =>
    learning.outputP95(scopeNow(options.scope).workspace, meterOf(kind)) ??
    options.outputTokensDefault ??
    outputTokensDefault;
  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => pending.delete(tracked));
    pending.add(tracked);
  };
  const ask = async (request: MeteredRequest): Promise<MeteredCallParts> => {
    const scope = scopeNow(options.scope);
    const meter = meterNamed(request);
    const { credits, estimate } = request;
    const asked = unpriced(request, { meter, scope, ttl: options.ttl ?? ttlDefault });
    const workspace = options.cistern.workspace(scope.workspace);
    const authorize = async (price: { readonly credits: string } | { readonly estimate: Usage }) =>
      await workspace.authorize({ ...asked, ...price }, deciding);
    const hold =
      credits === undefined
        ? await authorizeFolded(common.buckets, { ...asked, estimate }, authorize)
        : await authorize({ credits });
    return {
      hold,
      request,
      buckets: common.buckets.get(priceKey(asked)),
      chargesAnswered: options.chargeBy === "answered",
      ended: (expected, used) => learning.learn(scope.workspace, meter, { expected, used }),
      track: (work) =>
        track(work.catch((error: unknown) => onFault({ kind: "unsettled", hold: hold.id, error }))),
    };
  };
  /** A hold that is being made may be there already when its caller gives up: it is waited for, and given back (L3). */
  const asked = async (
    request: MeteredRequest,
    signal?: AbortSignal,
  ): Promise<MeteredCallParts> => {
    if (signal === undefined) return await ask(request);
    signal.throwIfAborted();
    const asking = ask(request);
    const gaveUp = Promise.withResolvers<never>();
    const onAbort = (): void => {
      gaveUp.reject(signal.reason);
      track(
        asking.then(
          (parts) => new MeteredCall(parts).end(nothingSeen, "refused"),
          () => {},
        ),
      );
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([asking, gaveUp.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
  return {
    estimator,
    with: (scope) =>
      collectorOn({ ...options, scope: () => ({ ...scopeNow(options.scope), ...scope }) }, common),
    open: async (request, signal) =>
      held?.take(meterNamed(request), request) ?? new MeteredCall(await asked(request, signal)),
    authorize: async (preview, signal) => {
      const request = previewed(preview, { estimator, outputTokens });
      const first = new HeldCall(meterNamed(request), await asked(request, signal));
      const scope = scopeNow(options.scope);
      const collector = collectorOn({ ...options, scope }, common, first);
      return { ...collector, release: () => first.release() };
    },
    outputTokens,
    statistics: () => learning.statistics(),
    idle: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

const warnOf = ({ hold, error }: CollectorFault): void =>
  defaultEnvironment.warn(
    `Cistern could not be told how hold ${hold} ended; it expires. Settle it by hand, or give the client a journal.`,
    error,
  );

/** All of a hold's request but its price. */
function unpriced(
  { model, meter: named, credits, attributes, toolCall, action }: MeteredRequest,
  { meter, scope, ttl }: { meter: string; scope: CallScope; ttl: string },
): HoldRequest {
  const { member, run, project } = scope;
  const said = { ...scope.attributes, ...attributes };
  return {
    member,
    ttl,
    ...(credits !== undefined && named === undefined ? {} : { meter }),
    ...(model === undefined ? {} : { model }),
    ...(run === undefined ? {} : { run }),
    ...(project === undefined ? {} : { project }),
    ...(Object.keys(said).length === 0 ? {} : { attributes: said }),
    ...(toolCall === undefined ? {} : { toolCall }),
    ...(action === undefined ? {} : { action }),
  };
}

const priceKey = ({ meter, model }: HoldRequest): string => `${meter} ${model ?? ""}`;

/**
 * Which buckets a meter's price knows is learned from the first answer, also from a refusal: it names them. So an estimate in finer buckets
 * than the catalog has costs one more request, once.
 */
async function authorizeFolded<Approved extends { readonly answer: Hold | Deferred }>(
  known: Map<string, readonly string[]>,
  asked: HoldRequest & { readonly estimate: Usage },
  authorize: (price: { readonly estimate: Usage }) => Promise<Approved>,
): Promise<Approved> {
  const key = priceKey(asked);
  const { estimate } = asked;
  const before = known.get(key);
  try {
    const hold = await authorize({ estimate: callUsage(estimate, before) });
    if ("buckets" in hold.answer && hold.answer.buckets !== undefined)
      remember(known, key, hold.answer.buckets);
    return hold;
  } catch (error) {
    const buckets = error instanceof CisternProblem ? error.problem.buckets : undefined;
    if (buckets === undefined) throw error;
    remember(known, key, buckets);
    return await authorize({ estimate: callUsage(estimate, buckets) });
  }
}

/** Names of models come from callers, so no more of them are remembered. */
const pricesMax = 10_000;

function remember(
  known: Map<string, readonly string[]>,
  key: string,
  buckets: readonly string[],
): void {
  if (known.size >= pricesMax) known.clear();
  known.set(key, buckets);
}
