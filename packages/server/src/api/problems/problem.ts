import {
  type Problem,
  type ProblemCode,
  type Violation,
  limits,
  printInstant,
  problems,
} from "@cistern/contract";

/** A call that is refused: the problem, and when to come back in seconds where that helps. */
export interface Refusal {
  readonly kind: "refused";
  readonly problem: Problem;
  readonly retryAfter?: number;
  /** `RateLimit` and `RateLimit-Policy`, where a rate refused. */
  readonly rateLimit?: RateLimitHeaders;
}

/** The fields of draft-ietf-httpapi-ratelimit-headers. */
export interface RateLimitHeaders {
  readonly policy: string;
  readonly limit: string;
}

/** What a problem may add to its code and detail. */
type Extras = Omit<Problem, "type" | "title" | "status" | "code" | "detail" | "docs">;

/** Builds a problem; status and title come from the contract's one table. */
export function problem(code: ProblemCode, detail: string, extras: Extras = {}): Problem {
  const { status, title } = problems[code];
  const type = `/problems/${code}`;
  return { type, title, status, code, detail, ...extras, docs: type };
}

/** A refusal without more to say than its problem. */
export function refuse(code: ProblemCode, detail: string, extras: Extras = {}): Refusal {
  return { kind: "refused", problem: problem(code, detail, extras) };
}

/** Faults of a request that its schema, or what a schema cannot say, finds. */
export function invalid(violations: readonly Violation[]): Refusal {
  const [first] = violations;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : "";
  const detail =
    first === undefined
      ? "The request does not fit its schema."
      : `${first.pointer === "" ? "The body" : first.pointer} ${first.detail}${more}`;
  return refuse("invalid_request", detail, { violations });
}

/** Another tenant's workspace answers the same. */
export function unknownWorkspace(workspaceId: string): Refusal {
  return refuse(
    "unknown_workspace",
    `There is no workspace ${workspaceId}. Create it with POST /v1/workspaces, or check the id and the key's workspace.`,
  );
}

/** The same key came with another body. */
export function keyReused(key: string): Refusal {
  return refuse(
    "idempotency_key_reused",
    `The Idempotency-Key ${key.slice(0, limits.callerIdCharactersMax)} was accepted with another method, path or body. Send the first request again, or take a new key.`,
  );
}

/** Whole seconds from one instant to a later one, at least one. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1000));
}

/** "It frees at …", where it is known. */
export function freesAt(at: number | null): string {
  return at === null ? "" : ` It frees at ${printInstant(at)}.`;
}
