// Owns: a hold in the caller's hands, whoever approved it. H1: a final settle and a release go under the server's default key, so
// that two processes that end the same hold alike end it once. H2: whatever else is repeated has a key of its own.
import type {
  ExtendRequest,
  Hold,
  HoldRequest,
  Operation,
  Problem,
  Release,
  Settlement,
  Usage,
} from "@cistern/contract";
import type { ChangeOptions } from "./call-options.ts";
import type { Caller } from "./caller.ts";
import type { AuthorizedHold, Deferred, SettleOptions, Spent } from "./cistern.ts";
import { durationMs } from "./duration.ts";
import type { Environment } from "./environment.ts";
import { CisternProblem } from "./errors.ts";
import type { Approval, FailureMode } from "./failure-mode.ts";
import { paths } from "./paths.ts";

/** What holds work with. */
export interface HoldParts {
  readonly caller: Caller;
  readonly mode: FailureMode;
  readonly environment: Environment;
}

/** How far a hold has come, as far as this process knows; shared by the handles of one hold. */
export interface Progress {
  parts: number;
  isEnded: boolean;
}

/** The holds of one workspace. */
export class Holds {
  readonly #workspace: string;
  readonly #parts: HoldParts;

  constructor(workspace: string, parts: HoldParts) {
    this.#workspace = workspace;
    this.#parts = parts;
  }

  /** Asks for a hold. `progress` learns how it ends. */
  async authorize(
    request: HoldRequest,
    options: ChangeOptions,
    progress: Progress,
  ): Promise<AuthorizedHold<Deferred>> {
    const path = paths.within(this.#workspace, "holds");
    const operation = this.#post(path, request, options.idempotencyKey, true);
    const answer = await this.#parts.mode.authorize({ request, operation, options });
    return "isApproval" in answer
      ? this.#offline(answer, request, progress)
      : this.#online(answer, progress);
  }

  /** Settles a hold that the server knows. */
  async settle(
    hold: string,
    spent: Spent,
    { final = true, ...options }: SettleOptions,
  ): Promise<Settlement | Deferred> {
    const path = paths.within(this.#workspace, "holds", hold, "settle");
    const body = final ? spent : { ...spent, final };
    const operation = this.#post(path, body, options.idempotencyKey, !final);
    return await this.#parts.mode.report<Settlement>({ subject: hold, operation, options });
  }

  /** Extends a hold that the server knows. */
  async extend(hold: string, request: ExtendRequest, options: ChangeOptions): Promise<Hold> {
    const path = paths.within(this.#workspace, "holds", hold, "extend");
    const operation = this.#post(path, request, options.idempotencyKey, true);
    return await this.#parts.caller.change<Hold>(operation, options);
  }

  /** Releases a hold that the server knows. */
  async release(hold: string, options: ChangeOptions): Promise<Release | Deferred> {
    const path = paths.within(this.#workspace, "holds", hold, "release");
    const operation = this.#post(path, {}, options.idempotencyKey, false);
    return await this.#parts.mode.report<Release>({ subject: hold, operation, options });
  }

  #post(path: string, body: object, key: string | undefined, needsKey: boolean): Operation {
    const idempotencyKey = key ?? (needsKey ? this.#parts.environment.newKey() : undefined);
    const operation = { method: "POST", path, body } as const;
    return idempotencyKey === undefined ? operation : { ...operation, idempotencyKey };
  }

  #online(answer: Hold, progress: Progress): AuthorizedHold<Deferred> {
    const { id, member, credits, expiresAt } = answer;
    return {
      id,
      member,
      credits,
      expiresAt,
      isOffline: false,
      answer,
      settle: async (spent, options = {}) => {
        const settlement = await this.settle(id, spent, options);
        noteSettled(progress, options);
        return settlement;
      },
      extend: async (request, options = {}) =>
        this.#online(await this.extend(id, request, options), progress),
      release: async (options = {}) => {
        const released = await this.release(id, options);
        progress.isEnded = true;
        return released;
      },
    };
  }

  #offline(approval: Approval, request: HoldRequest, progress: Progress): AuthorizedHold<Deferred> {
    const { id, credits, expiresAt } = approval;
    const { mode, environment } = this.#parts;
    const deferred = { deferred: true, id } as const;
    return {
      id,
      member: request.member,
      credits,
      expiresAt: environment.printInstant(expiresAt),
      isOffline: true,
      answer: deferred,
      settle: async (spent, options = {}) => {
        refuseEnded(progress, id);
        const isFinal = options.final !== false;
        // The server, which is not asked here, would refuse it.
        if (!isFinal && "outcome" in spent && spent.outcome !== undefined)
          throw new TypeError(
            "Only a call that has ended has an outcome: leave it out with final: false.",
          );
        const said = known(spent, request, progress.parts);
        const ending = isFinal ? "settle" : `settle:${progress.parts + 1}`;
        // The server never saw the hold: what it used is a debit of the instant at which it was approved.
        const operation = this.#post(
          paths.within(this.#workspace, "debits"),
          debitOf(
            spent.model === undefined ? request : { ...request, model: spent.model },
            { ...said, ...provenanceOf(spent) },
            environment.printInstant(approval.authorizedAt),
          ),
          options.idempotencyKey ?? `${id}:${ending}`,
          true,
        );
        noteSettled(progress, options);
        const spentCredits = "credits" in said ? said.credits : undefined;
        return await mode.reportApproved({
          approval: id,
          operation,
          credits: spentCredits,
          isFinal,
        });
      },
      extend: async (more) => {
        refuseEnded(progress, id);
        const until = more.ttl === undefined ? expiresAt : environment.now() + durationMs(more.ttl);
        const extended = {
          ...approval,
          credits: mode.extendApproval(id, more, until),
          expiresAt: until,
        };
        return await Promise.resolve(this.#offline(extended, request, progress));
      },
      release: async () => {
        refuseEnded(progress, id);
        progress.isEnded = true;
        mode.endApproval(id);
        return await Promise.resolve(deferred);
      },
    };
  }
}

function noteSettled(progress: Progress, { final }: SettleOptions): void {
  if (final === false) progress.parts += 1;
  else progress.isEnded = true;
}

/** How the use is known, which a debit says as a settle does. */
const provenanceOf = ({ estimated, response }: Spent): Pick<Spent, "estimated" | "response"> => ({
  ...(estimated === undefined ? {} : { estimated }),
  ...(response === undefined ? {} : { response }),
});

function debitOf(call: HoldRequest, spent: ReturnType<typeof known>, occurredAt: string): object {
  const {
    estimate: _estimate,
    ttl: _ttl,
    credits: _credits,
    // What was approved here is counted as a step of its run, and refused by none of its bounds.
    toolCall: _toolCall,
    action: _action,
    ...said
  } = call;
  if ("usage" in spent && said.meter === undefined)
    throw new TypeError("This hold names no meter to rate usage by; settle it in credits.");
  return { ...said, ...spent, occurredAt };
}

/**
 * What a debit says of it, which has no outcome, and knows no meter's rules: a call that failed is free, and one of unknown usage
 * costs what was asked for, unless parts of it were reported.
 */
function known(
  spent: Spent,
  { estimate, credits }: HoldRequest,
  parts: number,
): { readonly credits: string } | { readonly usage: Usage } {
  if ("credits" in spent) return { credits: spent.credits };
  if (spent.outcome === "failed") return { credits: "0" };
  if ("usage" in spent) return { usage: spent.usage };
  if (parts > 0) return { credits: "0" };
  return credits === undefined ? { usage: estimate ?? {} } : { credits };
}

/** An approval ends in this process alone, so nobody else can say that it has ended. */
function refuseEnded(progress: Progress, id: string): void {
  if (!progress.isEnded) return;
  const problem: Problem = {
    type: "/problems/hold_already_settled",
    title: "The hold is settled already",
    status: 409,
    code: "hold_already_settled",
    detail: `Hold ${id} was settled or released before.`,
  };
  throw new CisternProblem(problem);
}
