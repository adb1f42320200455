/**
 * Owns when and how periods of sharing open (FAIRNESS 1.1, RULES 29 and 30), read from settings, plans and lots as events said them. Of months
 * only the greatest length is checked: zones are the host's. Mutable.
 */
import type { Event, Lot, SharingOpened, Subscription, Workspace } from "@cistern/kernel";
import { expect } from "./fault.ts";

const dayMs = 86_400_000;
const presets = {
  strict: { reserve: 1_000, reach: 1_000 },
  balanced: { reserve: 700, reach: 1_000 },
  lend_early: { reserve: 500, reach: 2_000 },
} as const;

const renewing: readonly Event["kind"][] = [
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
];
const changing: readonly Event["kind"][] = [
  "workspace.created",
  "workspace.updated",
  "subscription.changed",
  "subscription.paused",
  "subscription.ended",
  "subscription.cancelled",
];

/** See the file head. */
export class SharePeriods {
  /** Of the last one. */
  number = 0;
  #current: SharingOpened | undefined;
  #workspace: Workspace | undefined;
  /** When shared lots that were paid for end. */
  readonly #paid = new Map<string, number>();

  get current(): SharingOpened | undefined {
    return this.#current;
  }

  isRunning(at: number): boolean {
    return this.#current !== undefined && at < this.#current.end;
  }

  /** The tick of an instant. */
  tickOf(at: number): number {
    if (this.#current === undefined) return 0;
    const { start, end, ticks } = this.#current;
    return Math.min(ticks - 1, Math.max(0, Math.floor((ticks * (at - start)) / (end - start))));
  }

  noteLots(lots: readonly Lot[]): void {
    for (const { id, cost, expiresAt, appliesTo } of lots)
      if (cost > 0n && expiresAt !== null && appliesTo === null) this.#paid.set(id, expiresAt);
  }

  /** Takes an event; `live` is the subscription after it. Says whether a period has opened, or none runs any more. */
  note(event: Event, live: Subscription | undefined): "opened" | "ended" | undefined {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated")
      this.#workspace = event.workspace;
    if ("prolonged" in event)
      for (const { lot, expiresAt } of event.prolonged ?? [])
        if (this.#paid.has(lot) && expiresAt !== null) this.#paid.set(lot, expiresAt);
    const knobs = this.#knobs(live);
    const { kind, at } = event;
    const sharing = "sharing" in event ? event.sharing : undefined;
    const opens = knobs !== undefined && this.#opens(event, live, knobs);
    expect(
      opens === (sharing !== undefined),
      "Q1 a period opens when the setting or its end says so",
      () => `${kind} at ${at}`,
    );
    if (sharing !== undefined && knobs !== undefined) {
      this.#check(sharing, { at, live, knobs });
      this.#current = sharing;
      this.number += 1;
      return "opened";
    }
    const mayEnd = kind === "workspace.updated" || kind.startsWith("subscription.");
    if (!mayEnd || knobs !== undefined || !this.isRunning(at)) return undefined;
    this.#current = undefined;
    return "ended";
  }

  #opens(
    { kind, at }: Event,
    live: Subscription | undefined,
    knobs: { readonly reserve: number; readonly reach: number },
  ): boolean {
    if (kind === "fairness.opened") return !this.isRunning(at);
    const isRenewing = renewing.includes(kind);
    if (!isRenewing && !changing.includes(kind)) return false;
    if (isRenewing && bringsCredits(live)) return true;
    const { reserve, reach } = this.#current ?? {};
    return !this.isRunning(at) || reserve !== knobs.reserve || reach !== knobs.reach;
  }

  /** The workspace's own setting, else its plan's, which is `balanced` where it says nothing; else none. */
  #knobs(
    live: Subscription | undefined,
  ): { readonly reserve: number; readonly reach: number } | undefined {
    const own = this.#workspace?.fairness;
    const said = own?.preset ?? "plan";
    const ofPlan = live === undefined ? "off" : (live.plan.fairness ?? "balanced");
    const preset = said === "plan" ? ofPlan : said;
    return preset === "off"
      ? undefined
      : {
          reserve: own?.reserve ?? presets[preset].reserve,
          reach: own?.reach ?? presets[preset].reach,
        };
  }

  #check(
    { rules, start, end, ticks, reserve, reach }: SharingOpened,
    {
      at,
      live,
      knobs,
    }: {
      readonly at: number;
      readonly live: Subscription | undefined;
      readonly knobs: { readonly reserve: number; readonly reach: number };
    },
  ): void {
    const isRight =
      rules === 1 &&
      start === at &&
      ticks === 720 &&
      reserve === knobs.reserve &&
      reach === knobs.reach;
    expect(
      isRight,
      "Q1 a period opens now, with the knobs in force",
      () => `${rules} from ${start} in ${ticks} ticks with ${reserve} and ${reach}`,
    );
    expect(
      this.#mayEndAt(at, end, live),
      "Q1 a period lasts as long as its credits",
      () => `from ${at} to ${end}`,
    );
  }

  /** With a plan's credits as long as they; else until the latest paid expiry, at most a year; else a month, which the host says when it ends (RULES 30). */
  #mayEndAt(at: number, end: number, live: Subscription | undefined): boolean {
    if (live !== undefined && bringsCredits(live) && live.status !== "paused") {
      const planned = live.grants?.ends[0] ?? live.period.end;
      if (planned > at) return end === planned;
    }
    const latest = [...this.#paid.values()].reduce((last, one) => Math.max(last, one), 0);
    const days = (end - at) / dayMs;
    // Lots of which nothing is left do not count, and of that the fold of lots knows.
    if (days > 0 && days <= 31.1) return true;
    return latest > at && (end <= latest || (days >= 364.9 && days <= 366.1));
  }
}

const bringsCredits = (live: Subscription | undefined): boolean =>
  live !== undefined && (live.plan.included !== null || live.plan.drawdown !== undefined);
