// Owns: the hold before each call, and the ends that are under way.
// L1: no call without an approval. L2: a call's end never fails its caller: what cannot be settled is told to `onFault`. L3: a caller that gives up
// leaves no hold.
import type { Hold, HoldRequest, Usage } from "@cistern/contract";
import type { Deferred } from "../cistern.ts";
import { defaultEnvironment } from "../defaults.ts";
import { CisternProblem } from "../errors.ts";
import type { Learning } from "../estimates/learned.ts";
import { callUsage } from "./buckets.ts";
import type { CollectorFault, CollectorOptions } from "./collector-options.ts";
import { nothingSeen } from "./ending.ts";
import { MeteredCall, type MeteredCallParts } from "./metered-call.ts";
import type { MeteredKind, MeteredRequest } from "./metered-request.ts";
import { type CallScope, scopeNow } from "./scope.ts";

/** What collectors of one origin share. Mutable. */
export interface Common {
  readonly learning: Learning;
  readonly pending: Set<Promise<void>>;
  /** The buckets that a meter's price knows, by meter and model. */
  readonly buckets: Map<string, readonly string[]>;
}

const ttlDefault = "PT15M";

/** Asks for the calls of one scope. */
export class Asking {
  readonly #options: CollectorOptions;
  readonly #common: Common;

  constructor(options: CollectorOptions, common: Common) {
    this.#options = options;
    this.#common = common;
  }

  /** The catalog's meter of a kind of work. */
  meterOf(kind: MeteredKind): string {
    return this.#options.meters?.[kind] ?? kind;
  }

  meterNamed({ meter, kind }: MeteredRequest): string {
    return meter ?? this.meterOf(kind);
  }

  /** A hold that is being made may be there already when its caller gives up: it is waited for, and given back (L3). */
  async asked(request: MeteredRequest, signal?: AbortSignal): Promise<MeteredCallParts> {
    if (signal === undefined) return await this.#ask(request);
    signal.throwIfAborted();
    const asking = this.#ask(request);
    const gaveUp = Promise.withResolvers<never>();
    const onAbort = (): void => {
      gaveUp.reject(signal.reason);
      this.#track(
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
  }

  async #ask(request: MeteredRequest): Promise<MeteredCallParts> {
    const { cistern, ttl = ttlDefault, chargeBy, decisionTimeoutMs } = this.#options;
    const { buckets, learning } = this.#common;
    const scope = scopeNow(this.#options.scope);
    const meter = this.meterNamed(request);
    const { credits, estimate } = request;
    const asked = unpriced(request, { meter, scope, ttl });
    const workspace = cistern.workspace(scope.workspace);
    const deciding = decisionTimeoutMs === undefined ? {} : { timeoutMs: decisionTimeoutMs };
    const authorize = async (price: { readonly credits: string } | { readonly estimate: Usage }) =>
      await workspace.authorize({ ...asked, ...price }, deciding);
    const hold =
      credits === undefined
        ? await authorizeFolded(buckets, { ...asked, estimate }, authorize)
        : await authorize({ credits });
    return {
      hold,
      request,
      buckets: buckets.get(priceKey(asked)),
      chargesAnswered: chargeBy === "answered",
      ended: (expected, used) => learning.learn(scope.workspace, meter, { expected, used }),
      track: (work) =>
        this.#track(
          work.catch((error: unknown) =>
            this.#onFault({ kind: "unsettled", hold: hold.id, error }),
          ),
        ),
    };
  }

  #track(work: Promise<void>): void {
    const { pending } = this.#common;
    const tracked = work.finally(() => pending.delete(tracked));
    pending.add(tracked);
  }

  #onFault(fault: CollectorFault): void {
    try {
      (this.#options.onFault ?? warnOf)(fault);
    } catch (error) {
      defaultEnvironment.warn("Cistern's `onFault` threw.", error);
    }
  }
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
