import {
  type Reconciliation,
  type ReconciliationRow,
  limits,
  printCredits,
  printInstant,
} from "@cistern/contract";
import { type Finding, atOf, reconcile } from "../../ingest/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { reportsInTurn } from "../calls/in-turn.ts";
import { pageOfReport } from "../calls/pages.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";

const msPerDay = 86_400_000;

/** What was observed beside what was settled. */
export function reconciliationHandlers({
  engine,
  observations,
}: ApiParts): HandlersOf<"getReconciliation"> {
  const inTurn = reportsInTurn(engine);
  return {
    async getReconciliation({ params: { workspace }, query }) {
      const fromMs = readInstant("/from", query.from) ?? 0;
      const toMs = readInstant("/to", query.to) ?? 0;
      if (toMs <= fromMs) throw new InvalidField("/to", `is not after ${query.from}.`);
      if (toMs - fromMs > limits.reportDaysMax * msPerDay)
        throw new InvalidField("/to", `ends a span of more than ${limits.reportDaysMax} days.`);
      return await inTurn(workspace, async () => {
        const callsMax = limits.reportCallsMax;
        const span = { fromMs, toMs };
        const compared = await reconcile(observations, workspace, { span, callsMax });
        if (compared === undefined)
          throw new InvalidField("/to", `The span has more than ${callsMax} calls. Ask for less.`);
        const { findings, ...counted } = compared;
        const { rows, ...next } = pageOfReport(findings, query, idOf);
        const body: Reconciliation = {
          from: query.from,
          to: query.to,
          ...counted,
          ...countsOf(findings),
          data: rows.map(rowOf),
          ...next,
        };
        return { kind: "done" as const, status: 200 as const, body };
      });
    },
  };
}

const countsOf = (findings: readonly Finding[]): Record<Finding["kind"], number> => {
  const counts = { different: 0, unsettled: 0, unmeasured: 0, unnamed: 0, unobserved: 0 };
  for (const { kind } of findings) counts[kind] += 1;
  return counts;
};

const idOf = (finding: Finding): string =>
  finding.kind === "unobserved"
    ? finding.settlement.id
    : `${finding.observed.traceId}:${finding.observed.spanId}`;

function rowOf(finding: Finding): ReconciliationRow {
  const at = printInstant(atOf(finding));
  if (finding.kind === "unobserved") {
    const { id, credits, usage, isEstimated, ...about } = finding.settlement;
    return {
      kind: finding.kind,
      at,
      ...present({ member: about.member, meter: about.meter, model: about.model }),
      ...(about.response === null ? {} : { response: about.response }),
      ...(usage === null ? {} : { settled: usage }),
      credits: printCredits(credits),
      settlements: [id],
      ...(isEstimated ? { estimated: true } : {}),
    };
  }
  const { traceId, spanId, operation, member, model, response, usage } = finding.observed;
  return {
    kind: finding.kind,
    at,
    ...present({ response, member, model }),
    operation,
    traceId,
    spanId,
    ...(usage === null ? {} : { observed: usage }),
    ...("settled" in finding ? settledPart(finding.settled) : {}),
  };
}

function settledPart({
  usage,
  credits,
  ids,
  isEstimated,
}: Extract<Finding, { readonly kind: "different" }>["settled"]) {
  return {
    settled: usage,
    credits: printCredits(credits),
    settlements: ids,
    ...(isEstimated ? { estimated: true } : {}),
  };
}

/** Without what is not known. */
const present = (
  fields: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
