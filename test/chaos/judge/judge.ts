/** Owns the judgement of a storm: every rule, over all that callers know and all that the database holds. */
import { isDeepStrictEqual } from "node:util";
import { parseCredits } from "@cistern/contract";
import type { History, LastWord } from "../history/history.ts";
import type { Journal } from "../history/journal.ts";
import type { Attempt } from "../history/log.ts";
import type { Operation } from "../load/operation.ts";
import { judgeClaims } from "./claims.ts";
import { judgeEffects } from "./effects.ts";
import { judgeFeed } from "./feed.ts";
import type { Finding } from "./finding.ts";
import { judgeOrder } from "./order.ts";

/** Every finding, by workspace; none is what we hope for. */
export function judge(history: History): Finding[] {
  const { attempts, readings, journals, lastWords, feeds, alarms, auditFaults } = history;
  const attemptsOf = Map.groupBy(attempts, ({ operation }) => operation.workspace);
  const readingsOf = Map.groupBy(readings, ({ workspace }) => workspace);
  const findings = journals.flatMap((journal): Finding[] => {
    const { workspace } = journal;
    const mine = attemptsOf.get(workspace) ?? [];
    const read = readingsOf.get(workspace) ?? [];
    const lastWord = lastWords.find((word) => word.workspace === workspace);
    return [
      ...judgeEffects(journal, mine),
      ...judgeOrder(workspace, mine, read),
      ...judgeClaims(journal, mine, read),
      ...judgeLastWord(journal, mine, lastWord),
      ...judgeFeed(journal, feeds.get(workspace) ?? []),
    ];
  });
  for (const { workspaceId, position, rule, found } of auditFaults)
    findings.push({
      rule: "C10",
      workspace: workspaceId,
      found: `${rule} at ${position.seq}.${position.index}: ${found}`,
    });
  for (const { workspace, node, problem } of history.refusedReadings)
    findings.push({ rule: "C6", workspace, found: `a read from ${node}: ${problem.detail}` });
  for (const { node, line } of alarms)
    findings.push({ rule: "C12", workspace: "any", found: `${node}: ${line}` });
  return findings;
}

/** C8 and C9: what the nodes say in the end, against each other and against the sums of the callers' log. */
function judgeLastWord(
  { workspace }: Journal,
  attempts: readonly Attempt[],
  lastWord: LastWord | undefined,
): Finding[] {
  const [first, ...others] = lastWord?.balances ?? [];
  if (first === undefined) return [{ rule: "C9", workspace, found: "no node said anything" }];
  const findings: Finding[] = [];
  const { asOf: _asOf, ...said } = first.balance;
  for (const { node, balance } of others) {
    const { asOf: _otherAsOf, ...saidThere } = balance;
    if (!isDeepStrictEqual(said, saidThere))
      findings.push({
        rule: "C9",
        workspace,
        found: `${first.node} says ${JSON.stringify(said)}, ${node} says ${JSON.stringify(saidThere)}`,
      });
  }
  const sums = sumsOf(attempts);
  const [available, held, consumed, debt] = [
    said.available,
    said.held,
    said.consumed,
    said.debt,
  ].map(parseCredits);
  const compare = (what: string, balance: bigint, log: bigint): void => {
    if (balance !== log)
      findings.push({
        rule: "C8",
        workspace,
        found: `${what}: ${balance} by the balance, ${log} by what was acknowledged`,
      });
  };
  compare("charged", (consumed ?? 0n) + (debt ?? 0n), sums.charged);
  compare("granted", (available ?? 0n) + (held ?? 0n) + (consumed ?? 0n), sums.granted);
  return findings;
}

/** Sums of what was acknowledged, each operation once. */
function sumsOf(attempts: readonly Attempt[]): { granted: bigint; charged: bigint } {
  const seen = new Set<Operation>();
  const sums = { granted: 0n, charged: 0n };
  for (const { operation, outcome } of attempts) {
    if (outcome.kind !== "acknowledged" || seen.has(operation)) continue;
    seen.add(operation);
    const { answer } = outcome;
    if ("charged" in answer && answer.charged !== undefined)
      sums.charged += parseCredits(answer.charged);
    else if (operation.kind === "refund") sums.charged -= parseCredits(creditsOf(answer));
    else if (operation.kind === "grant") sums.granted += parseCredits(creditsOf(answer));
  }
  return sums;
}

const creditsOf = (answer: object): string =>
  "credits" in answer && typeof answer.credits === "string" ? answer.credits : "0";
