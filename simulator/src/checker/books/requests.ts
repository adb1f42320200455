/**
 * Owns requests for more and what they gave, read from the events alone: one waits for a limit of a member, it ends once, in time or when
 * it is due, and what was given holds in its window and is lent one time.
 */
import type { Count, CreditRequest, Event, LimitRule, Raise } from "@cistern/kernel";
import { utcCalendar } from "../../world/utc-calendar.ts";
import { demand } from "./accounts.ts";

/** Mutable: one for each timeline. */
export class Requests {
  readonly #waiting = new Map<string, CreditRequest>();
  readonly #raises: Raise[] = [];
  /** Not lent yet, by request. */
  readonly #left = new Map<string, bigint>();

  note(event: Event, ruleOf: (limit: string) => LimitRule | undefined): void {
    switch (event.kind) {
      case "credit_request.created": {
        const { request } = event;
        const isSecond = [...this.#waiting.values()].some(
          ({ member, limit }) => member === request.member && limit === request.limit,
        );
        demand(!isSecond, () => `two requests of ${request.member} wait for ${request.limit}`);
        this.#waiting.set(request.id, request);
        return;
      }
      case "credit_request.declined":
        return this.#end(event.request, event.at);
      case "credit_request.approved": {
        this.#end(event.request, event.at);
        this.#checkAbove(event.request, ruleOf);
        const { raise } = event;
        if (raise !== undefined) this.#give(raise, ruleOf(raise.limit));
        return;
      }
      case "credit_request.expired":
        for (const { id } of event.requests) this.#waiting.delete(id);
        return;
      default:
    }
  }

  /** Those that wait, with when they are over. */
  waiting(): readonly CreditRequest[] {
    return [...this.#waiting.values()];
  }

  /** A cap with what was raised of it, and what is still lent on top. */
  capOf(
    counter: string,
    base: bigint,
    { at, start, rule }: { at: number; start: number; rule: LimitRule },
  ): { readonly cap: bigint; readonly lent: bigint } {
    const own = this.#raises.filter((one) => one.counter === counter);
    const isCalendar = rule.kind === "cap" && rule.window.kind === "calendar";
    const open = own.filter(
      (one) => one.kind !== "standing" && at < one.until && (!isCalendar || start <= one.at),
    );
    const standing = own.findLast((one) => one.kind === "standing");
    const sum = open.reduce((more, one) => (one.kind === "period" ? more + one.credits : more), 0n);
    const lent = open.reduce((more, { request }) => more + (this.#left.get(request) ?? 0n), 0n);
    return { cap: (standing?.kind === "standing" ? standing.credits : base) + sum, lent };
  }

  /** Whether anything was ever raised of a limit. */
  hasRaised(limit: string): boolean {
    return this.#raises.some((one) => one.limit === limit);
  }

  /** What an approval says that it was lent. */
  lend({ counter, lent = [] }: Count, at: number): bigint {
    let sum = 0n;
    for (const { request, credits } of lent) {
      const raise = this.#raises.find((one) => one.request === request);
      const isOpen = raise?.kind === "once" && raise.counter === counter && at < raise.until;
      demand(isOpen, () => `request ${request} lends nothing here`);
      const left = (this.#left.get(request) ?? 0n) - credits;
      demand(left >= 0n && credits > 0n, () => `request ${request} lends what it has lent`);
      this.#left.set(request, left);
      sum += credits;
    }
    return sum;
  }

  #end(request: CreditRequest, at: number): void {
    const waited = this.#waiting.get(request.id);
    demand(waited !== undefined && at < waited.expiresAt, () => `${request.id} waits no more`);
    this.#waiting.delete(request.id);
  }

  /** Whoever asks for more is not left with less. */
  #checkAbove(
    { id, limit, counter, end }: CreditRequest,
    ruleOf: (limit: string) => LimitRule | undefined,
  ): void {
    if (end?.kind !== "approved" || end.approval.as !== "limit" || limit === null) return;
    const rule = ruleOf(limit);
    const base = rule?.kind === "cap" && "credits" in rule ? rule.credits : null;
    const own = this.#raises.findLast((one) => one.kind === "standing" && one.counter === counter);
    const stood = own?.kind === "standing" ? own.credits : base;
    const { credits } = end.approval;
    demand(stood === null || credits > stood, () => `request ${id} is given ${credits}, not more`);
  }

  #give(raise: Raise, rule: LimitRule | undefined): void {
    if (raise.kind !== "standing" && rule?.kind === "cap") {
      const { window } = rule;
      const end =
        window.kind === "calendar"
          ? utcCalendar.window(window.unit, raise.at, "UTC").end
          : raise.at + Math.ceil(window.durationMs / 60) * 60;
      demand(raise.until > raise.at && raise.until <= end, () => `a raise holds past its window`);
    }
    this.#raises.push(raise);
    if (raise.kind === "once") this.#left.set(raise.request, raise.left);
  }
}
