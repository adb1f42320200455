/**
 * Owns the comparison of what callers were told with what the journal holds: C1 to C4. Acknowledged operations and accepted
 * events are one to one.
 */
import { isDeepStrictEqual } from "node:util";
import type { Event } from "@cistern/kernel";
import { type Journal, placeOf, printPlace } from "../history/journal.ts";
import type { Attempt } from "../history/log.ts";
import type { Answer, Operation } from "../load/operation.ts";
import type { Finding, Rule } from "./finding.ts";
import { retell } from "./retold.ts";

/** Events that nobody asks for: they happen by themselves. */
const consequences: ReadonlySet<Event["kind"]> = new Set([
  "hold.expired",
  "credits.effective",
  "credits.expired",
  "limit.reached",
  "balance.low",
  "balance.depleted",
  "balance.recovered",
  "rate_card.changed",
  "outcome.matured",
  "outcome.estimated",
  "outcome.estimate_released",
  "outcome.reversed",
  "outcome.review_raised",
] as const);

/** What one workspace's callers were told, against its journal. */
export function judgeEffects(journal: Journal, attempts: readonly Attempt[]): Finding[] {
  const findings: Finding[] = [];
  const report = (rule: Rule, found: string): void => {
    findings.push({ rule, workspace: journal.workspace, found });
  };
  const facts = new Map(journal.facts.map((fact) => [fact.place, fact.event]));
  const answered = firstAnswers(attempts, report);
  const owners = new Map<number, Operation>();
  for (const [operation, answer] of answered) {
    const place = placeOf(answer.at);
    const event = facts.get(place);
    const difference = event === undefined ? "nothing" : differenceOf(operation, answer, event);
    if (difference !== undefined)
      report("C1", `${describe(operation)} is at ${printPlace(place)}: ${difference}`);
    const other = owners.get(place);
    if (other !== undefined)
      report("C2", `${describe(operation)} and ${describe(other)} share ${printPlace(place)}`);
    owners.set(place, operation);
    if (operation.key !== null && journal.keys.get(operation.key) !== place)
      report("C2", `key ${operation.key} is not kept at ${printPlace(place)}`);
  }
  for (const { place, event } of journal.facts)
    if (!consequences.has(event.kind) && !owners.has(place))
      report("C3", `${event.kind} at ${printPlace(place)} was acknowledged to nobody`);
  judgeKeys(journal, attempts, answered, report);
  return findings;
}

type Report = (rule: Rule, found: string) => void;

/** The first answer of each acknowledged operation; later ones must be equal to it. */
function firstAnswers(attempts: readonly Attempt[], report: Report): Map<Operation, Answer> {
  const first = new Map<Operation, Answer>();
  for (const { operation, outcome, node } of attempts) {
    if (outcome.kind !== "acknowledged") continue;
    const known = first.get(operation);
    if (known === undefined) first.set(operation, outcome.answer);
    else if (!isDeepStrictEqual(known, outcome.answer))
      report(
        "C2",
        `${describe(operation)} was answered otherwise by ${node}: ${JSON.stringify(outcome.answer)} after ${JSON.stringify(known)}`,
      );
  }
  return first;
}

/** C2 and C4 from the side of the keys, and refusals whose reason is another operation. */
function judgeKeys(
  journal: Journal,
  attempts: readonly Attempt[],
  answered: ReadonlyMap<Operation, Answer>,
  report: Report,
): void {
  const acknowledged = new Set([...answered.keys()].map(keyOf));
  for (const key of journal.keys.keys())
    if (!acknowledged.has(key)) report("C4", `key ${key} was accepted, and acknowledged to nobody`);
  const undecided = new Set<Operation>();
  const refused = new Set<Operation>();
  for (const { operation, outcome } of attempts) {
    if (outcome.kind === "unanswered") undecided.add(operation);
    if (outcome.kind !== "refused") continue;
    refused.add(operation);
    const { at } = outcome.problem;
    const answer = answered.get(operation);
    if (at !== undefined && answer !== undefined && placeOf(at) >= placeOf(answer.at))
      report(
        "C2",
        `${describe(operation)} was refused at ${printPlace(placeOf(at))}, after it was accepted at ${printPlace(placeOf(answer.at))}`,
      );
    const isOthers = outcome.problem.code === "idempotency_key_reused";
    if (isOthers && (answered.has(operation) || !acknowledged.has(keyOf(operation))))
      report("C2", `${describe(operation)} was told that its key is another's`);
  }
  for (const operation of undecided)
    if (!answered.has(operation) && !refused.has(operation))
      report("C3", `${describe(operation)} never got an answer`);
}

function differenceOf(operation: Operation, answer: Answer, event: Event): string | undefined {
  const retold = retell(operation, event);
  if (retold === undefined) return `a ${event.kind} of somebody else`;
  for (const [field, expected] of Object.entries(retold)) {
    const told: unknown = Reflect.get(answer, field);
    if (!isDeepStrictEqual(told, expected))
      return `${field} is ${JSON.stringify(told)} in the answer and ${JSON.stringify(expected)} in the journal`;
  }
  return undefined;
}

/** A name for the effect: its key, or the default one. */
const keyOf = (operation: Operation): string =>
  operation.key ?? `${"hold" in operation ? operation.hold : ""} ${operation.kind}`;

const describe = (operation: Operation): string => `${operation.kind} ${keyOf(operation)}`;
