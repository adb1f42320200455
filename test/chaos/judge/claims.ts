/**
 * Owns what reads and refusals claim (C6), each against the judge's own account of the pool at the place that it names; and C7
 * on the way there.
 */
import { parseCredits, parseInstant, printCredits, type Problem } from "@cistern/contract";
import { type Journal, placeOf, printPlace } from "../history/journal.ts";
import type { Attempt, Reading } from "../history/log.ts";
import type { Operation } from "../load/operation.ts";
import type { Finding } from "./finding.ts";
import { PoolFold } from "./pool-fold.ts";

interface Claim {
  readonly place: number;
  readonly what: string;
  /** What is wrong with it in the state at its place. */
  readonly check: (pool: PoolFold) => string | undefined;
}

/** Folds a workspace's journal and checks every claim on the way. */
export function judgeClaims(
  journal: Journal,
  attempts: readonly Attempt[],
  readings: readonly Reading[],
): Finding[] {
  const { workspace } = journal;
  const claims = [...readings.map(claimOfReading), ...attempts.flatMap(claimOfRefusal)].toSorted(
    (a, b) => a.place - b.place,
  );
  const findings: Finding[] = [];
  const pool = new PoolFold();
  let next = 0;
  const checkBefore = (place: number): void => {
    for (
      let claim = claims[next];
      claim !== undefined && claim.place < place;
      claim = claims[next]
    ) {
      const wrong = claim.check(pool);
      if (wrong !== undefined)
        findings.push({
          rule: "C6",
          workspace,
          found: `${claim.what} at ${printPlace(claim.place)}: ${wrong}`,
        });
      next += 1;
    }
  };
  for (const { place, event } of journal.facts) {
    checkBefore(place);
    for (const wrong of pool.take(event))
      findings.push({
        rule: "C7",
        workspace,
        found: `${event.kind} at ${printPlace(place)}: ${wrong}`,
      });
  }
  checkBefore(Number.POSITIVE_INFINITY);
  return findings;
}

function claimOfReading(reading: Reading): Claim {
  const place = placeOf(reading.answer.at);
  const what = `${reading.kind} read from ${reading.node}`;
  if (reading.kind === "balance") {
    const { available, held, consumed, debt } = reading.answer;
    const told = [available, held, consumed, debt].join(" ");
    return {
      place,
      what,
      check: (pool) => {
        const own = [pool.available, pool.held, pool.consumed, pool.debt].map(printCredits);
        return told === own.join(" ") ? undefined : `${told} told, ${own.join(" ")} is right`;
      },
    };
  }
  const { id, status, charged } = reading.answer;
  const told = `${id} ${status} ${charged}`;
  return {
    place,
    what,
    check: ({ holds }) => {
      const hold = holds.get(id);
      const own = `${id} ${hold?.status} ${printCredits(hold?.charged ?? 0n)}`;
      return told === own ? undefined : `${told} told, ${own} is right`;
    },
  };
}

function claimOfRefusal({ operation, node, outcome }: Attempt): Claim[] {
  if (outcome.kind !== "refused") return [];
  const { problem } = outcome;
  // Not the state but another operation is its reason: that is C2's.
  if (problem.code === "idempotency_key_reused") return [];
  const what = `${problem.code} to ${operation.kind} ${operation.key ?? ""} by ${node}`;
  const place = problem.at === undefined ? 0 : placeOf(problem.at);
  return [{ place, what, check: (pool) => wrongIn(problem, operation, pool) }];
}

function wrongIn(problem: Problem, operation: Operation, pool: PoolFold): string | undefined {
  const hold = pool.holds.get("hold" in operation ? operation.hold : "");
  const statusIs = (status: string): string | undefined =>
    hold?.status === status ? undefined : `the hold is ${hold?.status}`;
  switch (problem.code) {
    case "pool_exhausted":
    case "credits_held":
      return wrongShortage(problem, operation, pool.available + pool.room);
    case "limit_reached":
      return wrongLimit(problem, operation, pool);
    case "hold_already_settled":
      return statusIs("settled");
    case "hold_released":
      return statusIs("released");
    case "hold_expired":
      return statusIs("expired");
    case "refund_exceeds_charge": {
      if (operation.kind !== "refund") return "nobody asked for a refund";
      const of = pool.holds.get(operation.request.of);
      const left = (of?.charged ?? 0n) - (of?.refunded ?? 0n);
      return wrongShortage(
        { ...problem, requested: operation.request.credits ?? "0" },
        operation,
        left,
      );
    }
    default:
      return `nobody expects this: ${problem.detail}`;
  }
}

function wrongLimit(problem: Problem, operation: Operation, pool: PoolFold): string | undefined {
  if (operation.kind !== "authorize" && operation.kind !== "extend") return "it needs no room";
  const { scope, decidedAt } = problem;
  if (scope?.limit === undefined || decidedAt === undefined) return "it names no limit or no time";
  const use = pool.useOf(scope.limit, scope.id);
  const isOpen =
    use !== undefined && use.start <= parseInstant(decidedAt) && parseInstant(decidedAt) < use.end;
  const cap = pool.capOf(scope.limit) ?? 0n;
  const left = cap - (isOpen ? use.used : 0n);
  return wrongShortage(problem, operation, left > 0n ? left : 0n);
}

/** The numbers of a refusal: what there was is what the account says, and less than what was asked. */
function wrongShortage(
  { requested, available }: Pick<Problem, "requested" | "available">,
  operation: Operation,
  left: bigint,
): string | undefined {
  if (operation.kind === "authorize" && requested !== operation.request.credits)
    return `${requested} told, ${operation.request.credits} was asked`;
  if (available !== printCredits(left)) return `${available} told, ${printCredits(left)} is right`;
  return requested !== undefined && parseCredits(requested) > left
    ? undefined
    : `${requested} would have fitted into ${printCredits(left)}`;
}
