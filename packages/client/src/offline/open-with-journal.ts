// Owns: what a client does that approves while the server cannot be reached. O1: a refusal stays a refusal; only a missing decision is
// replaced. O2: approvals stay within their bounds. O3: a report is durable before its caller goes on (`report-delivery.ts`).
import type { ExtendRequest, Hold } from "@cistern/contract";
import type { Deferred } from "../cistern.ts";
import { printCredits, readCredits } from "../credits.ts";
import { durationMs } from "../duration.ts";
import { CisternUnavailable } from "../errors.ts";
import type { Approval, ApprovedUse, Asking, FailureMode, Report } from "../failure-mode.ts";
import { Exposure } from "./exposure.ts";
import { type Journaling, type OfflineParts, ReportDelivery, isOutage } from "./report-delivery.ts";

/** The failure mode that lets calls through while the server cannot be reached, up to a bound, and books them later. */
export interface OpenWithJournal extends Journaling {
  readonly kind: "open_with_journal";
  /** The most holds approved here that the server has not booked yet. */
  readonly holdsMax: number;
  /** The most credits of such holds together. */
  readonly creditsMax: string;
  /** What a hold counts for that names an estimate and not credits, since only the server knows the rates. */
  readonly creditsPerEstimate: string;
}

const defaultTtl = "PT5M";

/** Approves, keeps and delivers while the server is away. */
export class OpenMode implements FailureMode {
  readonly #options: OpenWithJournal;
  readonly #parts: OfflineParts;
  readonly #exposure: Exposure;
  readonly #creditsPerEstimate: bigint;
  readonly #delivery: ReportDelivery;

  constructor(options: OpenWithJournal, parts: OfflineParts) {
    this.#options = options;
    this.#parts = parts;
    this.#creditsPerEstimate = creditsOption("creditsPerEstimate", options.creditsPerEstimate);
    const exposure = new Exposure({
      holdsMax: options.holdsMax,
      creditsMaxMicro: creditsOption("creditsMax", options.creditsMax),
    });
    this.#exposure = exposure;
    this.#delivery = new ReportDelivery(options, parts, {
      begins: ({ exposure: credits }) => {
        if (isExposed(credits)) exposure.reportWaits(readCredits(credits) ?? 0n);
      },
      ends: ({ exposure: credits }) => {
        if (isExposed(credits)) exposure.reportEnded(readCredits(credits) ?? 0n);
      },
    });
  }

  async authorize(asking: Asking): Promise<Hold | Approval> {
    if (this.#delivery.isAway) return this.#approve(asking, undefined);
    try {
      return await this.#parts.caller.change<Hold>(asking.operation, asking.options);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#delivery.noteAway();
      return this.#approve(asking, error);
    }
  }

  async report<Answer>(report: Report): Promise<Answer | Deferred> {
    return await this.#delivery.report<Answer>(report, this.#exposure.approvals);
  }

  async reportApproved(use: ApprovedUse): Promise<Deferred> {
    const { approval, operation, isFinal } = use;
    const left = this.#exposure.creditsOf(approval);
    const spent = use.credits === undefined ? undefined : readCredits(use.credits);
    const counted = spent ?? (left > 0n ? left : this.#creditsPerEstimate);
    await this.#delivery.keep({ subject: approval, operation, exposure: printCredits(counted) }, 0);
    if (isFinal) this.#exposure.end(approval);
    else this.#exposure.reduce(approval, counted);
    return { deferred: true, id: approval };
  }

  extendApproval(id: string, { credits, estimate }: ExtendRequest, expiresAt: number): string {
    // Only the server knows the rates: an estimate counts as much each time that it grows.
    const said = estimate === undefined ? readCredits(credits ?? "0") : this.#creditsPerEstimate;
    if (!this.#exposure.extend(id, said ?? 0n, expiresAt, this.#parts.environment.now()))
      throw this.#boundReached(undefined);
    return printCredits(this.#exposure.creditsOf(id));
  }

  endApproval(id: string): void {
    this.#exposure.end(id);
  }

  async close(): Promise<void> {
    await this.#delivery.close();
  }

  #approve({ request }: Asking, cause: unknown): Approval {
    const now = this.#parts.environment.now();
    const credits =
      request.credits === undefined ? this.#creditsPerEstimate : readCredits(request.credits);
    const expiresAt = now + durationMs(request.ttl ?? defaultTtl);
    const id = `offline_${this.#parts.environment.newKey()}`;
    // Every approval will bring a report, and there must be room to keep it.
    const promised = this.#delivery.waiting + this.#exposure.approvals;
    const hasRoom = promised < this.#options.journal.entriesMax;
    if (credits === undefined || !hasRoom || !this.#exposure.approve(id, credits, expiresAt, now))
      throw this.#boundReached(cause);
    return { isApproval: true, id, credits: printCredits(credits), authorizedAt: now, expiresAt };
  }

  #boundReached(cause: unknown): CisternUnavailable {
    const { holds, credits } = this.#exposure;
    const message = `Cistern cannot be reached, and ${holds} holds with ${printCredits(credits)} credits that it has not booked are out already; at most ${this.#options.holdsMax} with ${this.#options.creditsMax} may be.`;
    return new CisternUnavailable("offline_bound_reached", message, { cause });
  }
}

/** Only reports of approvals made here count against the bounds: what the server approved it has counted itself. */
function isExposed(exposure: string): boolean {
  return exposure !== "0";
}

function creditsOption(name: string, text: string): bigint {
  const credits = readCredits(text);
  if (credits === undefined)
    throw new TypeError(`${name} is ${JSON.stringify(text)}; it takes credits such as "12.5".`);
  return credits;
}
