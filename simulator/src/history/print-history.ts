/** Owns how a run reads: what callers asked and heard, what was written, and what befell the world, in the order of time. */
import { type Event, type Position, instant } from "@cistern/kernel";
import { decodeEvents } from "cistern/journal";
import type { Violation } from "../checker/violation.ts";
import type { Run } from "../run.ts";
import { type Call, type Question, workspaceOf } from "./call.ts";
import { textOf } from "./text-of.ts";

interface Line {
  readonly atUs: number;
  readonly text: string;
}

/** The whole story of a run, and what is wrong with it. */
export function printHistory(run: Run, violations: readonly Violation[]): string {
  const lines = [...callLines(run), ...rowLines(run), ...incidentLines(run)];
  const story = lines
    .toSorted((a, b) => a.atUs - b.atUs)
    .map(({ atUs, text }) => `${(atUs / 1_000_000).toFixed(6).padStart(16)}  ${text}`);
  const verdict =
    violations.length === 0
      ? ["Nothing is wrong with this history."]
      : violations.map(
          ({ question, workspaceId, text }) => `WRONG ${question} ${workspaceId}: ${text}`,
        );
  const start = new Date(instant(run.startMs)).toISOString();
  const head = `Seed ${run.seed}: ${run.operations} operations from ${start}; seconds since then.`;
  return [head, ...story, ...verdict].join("\n");
}

function callLines({ history }: Run): Line[] {
  return history.calls.flatMap((call) => {
    const { number, caller, node, askedUs, answeredUs } = call;
    const asked = { atUs: askedUs, text: `${caller} -> ${node} call ${number}: ${askOf(call)}` };
    if (answeredUs === undefined) return [{ ...asked, text: `${asked.text} (no answer)` }];
    const answer = `${caller} <- ${node} call ${number}: ${replyOf(call)}`;
    return [asked, { atUs: answeredUs, text: answer }];
  });
}

function askOf(call: Call): string {
  const { ask } = call;
  const ws = workspaceOf(call);
  if (ask.kind === "read") return `${ws} read ${questionOf(ask.question)}`;
  const { command, opId } = ask.request;
  const { kind, ...details } = command;
  return `${ws} ${kind} ${opId ?? "without a key of its own"} ${textOf(details)}`;
}

const questionOf = (question: Question): string =>
  question.kind === "quote" ? `quote ${textOf(question.command)}` : textOf(question);

function replyOf({ reply }: Call): string {
  switch (reply?.kind) {
    case undefined:
      return "nothing";
    case "unreachable":
      return "nobody is there";
    case "broken":
    case "fault":
      return `fault: ${reply.message}`;
    case "read":
      return reply.answer.kind === "read"
        ? `read at ${place(reply.answer.at)}: ${textOf(reply.answer.value)}`
        : "unknown workspace";
    case "answer":
      break;
  }
  const { answer } = reply;
  switch (answer.kind) {
    case "key_reused":
      return "the key is another's";
    case "rejected":
      return `refused at ${place(answer.at)}: ${textOf(answer.rejection)}`;
    case "accepted":
      return `${answer.event.kind} at ${place(answer.position)} ${answer.hash}${answer.isReplayed ? " (again)" : ""}`;
  }
}

const place = ({ seq, index }: Position): string => `${seq}.${index}`;

function rowLines({ database, workspaces }: Run): Line[] {
  return workspaces.flatMap((workspaceId) => {
    const seen = new Set<string>();
    return database.branches(workspaceId).flatMap(({ rows }) =>
      rows.flatMap(({ row, committedUs }) => {
        if (seen.has(row.hash)) return [];
        seen.add(row.hash);
        const events = decodeEvents<Event>(row.events, row.codec);
        const head = `== ${workspaceId} row ${row.seq} ${row.hash.slice(0, 8)} by ${row.writer}`;
        return events.map((event, index) => ({
          atUs: committedUs,
          text: `${head} [${index}] ${textOf(event)}`,
        }));
      }),
    );
  });
}

const incidentLines = ({ history }: Run): Line[] =>
  history.incidents.map(({ atUs, text }) => ({ atUs, text: `** ${text}` }));
