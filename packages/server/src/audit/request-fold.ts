/**
 * Owns the auditor's own account of requests for more (docs/decisions/0039).
 *
 * V21 of one member one request waits for one limit; it is answered once, before it expires, or expires when it is due. V22 what is
 * approved is what the raise gives, and a cap for good is above the one that stood. V23 a raise for once lends each credit one time, at its own counter, before it ends.
 */
import type {
  Count,
  CreditRequest,
  CreditRequestApproved,
  Event,
  Limit,
  Raise,
  State,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface Lending {
  readonly limit: string;
  readonly counter: string;
  readonly until: number;
  left: bigint;
}

/** What waits, and what was given. Mutable. */
export class RequestFold {
  /** By member and limit. */
  readonly #waiting = new Map<string, CreditRequest>();
  readonly #lending = new Map<string, Lending>();
  /** Caps of so many credits, by limit. */
  readonly #caps = new Map<string, bigint>();
  /** What stands instead of a default, by counter. */
  readonly #standing = new Map<string, { readonly limit: string; readonly credits: bigint }>();

  fold(event: Event): void {
    switch (event.kind) {
      case "credit_request.created":
        return this.#create(event.request, event.at);
      case "credit_request.declined":
        return this.#answer(event.request, event.at);
      case "credit_request.approved":
        this.#answer(event.request, event.at);
        return this.#give(event);
      case "credit_request.expired":
        for (const request of event.requests) {
          const { expiresAt } = this.#end(request);
          const isDue = expiresAt <= event.at && request.end?.kind === "expired";
          expect(isDue, "V21 a request expires when it is due", () => request.id);
        }
        return undefined;
      case "limit.removed":
        return this.#drop(event.limit);
      case "limits.updated":
        for (const limit of event.removed) this.#drop(limit);
        for (const { limit, restarts } of event.limits) this.#put(limit, restarts);
        return undefined;
      case "limit.updated":
        return this.#put(event.limit, event.restarts);
      case "hold.opened":
      case "hold.extended":
        for (const count of event.counts) this.#lend(count, event.at);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Nobody was left to wait for ever. */
  checkDue(at: number): void {
    for (const { id, expiresAt } of this.#waiting.values())
      expect(expiresAt > at, "V21 a request expires when it is due", () => id);
  }

  /** The kernel's state says the same. */
  compare({ requests, limits }: State): void {
    const waiting = [...requests.requests.values()].filter(({ end }) => end === null);
    expectEqual(BigInt(waiting.length), BigInt(this.#waiting.size), "K6 the same requests wait");
    for (const one of waiting)
      expect(
        this.#waiting.get(keyOf(one))?.id === one.id,
        "K6 the same requests wait",
        () => one.id,
      );
    for (const raise of limits.raises.values())
      if (raise.kind === "once")
        expectEqual(
          raise.left,
          this.#lending.get(raise.request)?.left ?? 0n,
          `K6 what request ${raise.request} still lends`,
        );
  }

  #create(request: CreditRequest, at: number): void {
    expect(
      !this.#waiting.has(keyOf(request)),
      "V21 one request waits for a limit",
      () => request.id,
    );
    const isNew = request.end === null && request.createdAt === at && request.expiresAt > at;
    expect(isNew, "V21 a request that is made waits", () => request.id);
    this.#waiting.set(keyOf(request), request);
  }

  #answer(request: CreditRequest, at: number): void {
    const { expiresAt } = this.#end(request);
    const isInTime = request.end?.at === at && at < expiresAt;
    expect(isInTime, "V21 a request is answered before it expires", () => request.id);
  }

  /** As it was made. */
  #end(request: CreditRequest): CreditRequest {
    const waited = this.#waiting.get(keyOf(request));
    expect(
      waited?.id === request.id && request.end !== null,
      "V21 a request ends once",
      () => request.id,
    );
    expectEqual(request.credits, waited.credits, `V21 what request ${request.id} asks for`);
    expect(request.counter === waited.counter, "V21 what a request is for", () => request.id);
    this.#waiting.delete(keyOf(request));
    return waited;
  }

  /** V22. */
  #give({ request, raise, limit, gift }: CreditRequestApproved): void {
    const { end, id } = request;
    const rule = "V22 what is approved is what is given";
    expect(end?.kind === "approved", rule, () => id);
    const { approval } = end;
    const ways = [raise, limit, gift].filter((one) => one !== undefined);
    expect(ways.length === 1, rule, () => id);
    expect((gift !== undefined) === (approval.as === "gift"), rule, () => id);
    if (gift !== undefined) return expectEqual(gift.credits, approval.credits, rule);
    if (approval.as === "limit") this.#checkAbove(request, approval.credits);
    if (limit !== undefined) {
      const isNewCap =
        approval.as === "limit" &&
        limit.id === request.limit &&
        limit.rule.kind === "cap" &&
        "credits" in limit.rule &&
        limit.rule.credits === approval.credits;
      expect(isNewCap, rule, () => id);
      return this.#put(limit, false);
    }
    if (raise === undefined) return undefined;
    const isSame =
      raise.request === id && raise.limit === request.limit && raise.counter === request.counter;
    expect(isSame, rule, () => id);
    expect(raise.kind === (approval.as === "limit" ? "standing" : approval.as), rule, () => id);
    expectEqual(givenBy(raise), approval.credits, rule);
    if (raise.kind === "standing") this.#standing.set(raise.counter, raise);
    if (raise.kind === "once") {
      const { counter, left, until } = raise;
      this.#lending.set(id, { limit: raise.limit, counter, left, until });
    }
    return undefined;
  }

  /** V23. */
  #lend({ counter, credits, lent = [] }: Count, at: number): void {
    let sum = 0n;
    for (const { request, credits: part } of lent) {
      const known = this.#lending.get(request);
      const isOpen = known !== undefined && known.counter === counter && at < known.until;
      expect(isOpen, "V23 a raise lends at its own counter, before it ends", () => request);
      known.left -= part;
      expect(part > 0n && known.left >= 0n, "V23 a raise lends what it has", () => request);
      sum += part;
    }
    expect(sum <= credits, "V23 no more is lent than is approved", () => `${sum} in ${counter}`);
  }

  /** V22. What a cap in percent stands at is not known here. */
  #checkAbove({ id, counter, limit }: CreditRequest, approved: bigint): void {
    const { credits } = this.#standing.get(counter ?? "") ?? {};
    const stood = credits ?? this.#caps.get(limit ?? "");
    if (stood === undefined) return;
    expect(approved > stood, "V22 a cap for good is above the one that stood", () => id);
  }

  #put(limit: Limit, restarts: boolean): void {
    if (restarts) this.#drop(limit);
    const { id, rule } = limit;
    this.#caps.delete(id);
    if (rule.kind === "cap" && "credits" in rule && rule.credits !== null)
      this.#caps.set(id, rule.credits);
  }

  #drop({ id }: Limit): void {
    this.#caps.delete(id);
    for (const [counter, { limit }] of this.#standing)
      if (limit === id) this.#standing.delete(counter);
    for (const [request, { limit }] of this.#lending)
      if (limit === id) this.#lending.delete(request);
  }
}

const keyOf = ({ member, limit }: CreditRequest): string => `${member} ${limit ?? ""}`;

function givenBy(raise: Raise): bigint {
  switch (raise.kind) {
    case "once":
      return raise.left;
    case "period":
    case "standing":
      return raise.credits;
  }
}
