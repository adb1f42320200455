/**
 * Owns what an event asks for: which call of the API it is, under which key.
 *
 * V1 the key is made of source and id, and the fingerprint of what the event says (type, subject, time, data) and not of what it was
 * mapped to: a catalog that maps it otherwise later makes of a repeated event no other. V2 what is wrong with an event is told, and
 * nothing is guessed.
 */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import { type EventFault, type ReadEvent, fault, isFault, isFields } from "./cloud-event.ts";
import { type EventRule, mappedDebit } from "./event-rule.ts";

/** A call of the API that an event, or a span, stands for. */
export interface ArrivedCall {
  readonly path: string;
  readonly body: object;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
}

/** Whose the event is, where its sender has said so already; undefined: the event says it. */
export interface Intake {
  readonly workspace: string | undefined;
  /** By type. */
  readonly rules: ReadonlyMap<string, EventRule>;
}

/** The call that an event stands for, or what is wrong with it. */
export function callOfEvent(event: ReadEvent, intake: Intake): ArrivedCall | EventFault {
  const about = whose(event, intake.workspace);
  if (isFault(about)) return about;
  const asked = askedBy(event, about.member, intake.rules);
  if (isFault(asked)) return asked;
  return {
    path: `/v1/workspaces/${encodeURIComponent(about.workspace)}/${asked.path}`,
    body: asked.body,
    ...keyOfEvent(event),
  };
}

/** V1. */
function keyOfEvent({
  source,
  id,
  type,
  subject = null,
  time = null,
  data = null,
}: Nullable<ReadEvent>) {
  return {
    idempotencyKey: `ce:${hashOf([source, id])}`,
    fingerprint: hashOf([type, subject, time, data]),
  };
}

/** What is left out may be null. */
type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

const hashOf = (said: readonly unknown[]): string => hash("sha256", canonicalize(said) ?? "");

/** The workspace, and the member where `subject` is one. */
function whose(
  { subject, workspace: named }: ReadEvent,
  workspace: string | undefined,
): { readonly workspace: string; readonly member: string | undefined } | EventFault {
  if (workspace !== undefined) return { workspace, member: subject };
  if (named !== undefined) return { workspace: named, member: subject };
  return subject === undefined
    ? fault("/subject", "is missing: it says whose workspace the event is of")
    : { workspace: subject, member: undefined };
}

interface Asked {
  /** Within the workspace. */
  readonly path: string;
  readonly body: object;
}

function askedBy(
  event: ReadEvent,
  member: string | undefined,
  rules: Intake["rules"],
): Asked | EventFault {
  const { type, data, time } = event;
  const rule = rules.get(type);
  if (rule !== undefined) {
    const body = mappedDebit(rule, event, member);
    return isFault(body) ? body : { path: "debits", body };
  }
  const path = ownTypes.get(type);
  if (path === undefined)
    return fault(
      "/type",
      `${type} has no meaning here: send ${[...ownTypes.keys()].join(", ")}, or say under events of the catalog what it means`,
    );
  if (!isFields(data)) return fault("/data", "is missing, or no object");
  const { outcome, ...said } = data;
  const body = { ...timed(said, time), ...(type === "usage.report" ? reported(data, member) : {}) };
  if (!path.includes("{outcome}")) return { path, body: { ...data, ...body } };
  if (typeof outcome !== "string" || outcome === "")
    return fault("/data/outcome", "is missing: the id that the claim was answered with");
  return { path: path.replace("{outcome}", encodeURIComponent(outcome)), body };
}

/** What Cistern has a meaning of its own for, and the route that takes it. */
const ownTypes: ReadonlyMap<string, string> = new Map([
  ["usage.report", "debits"],
  ["outcome.claim", "outcomes"],
  ["outcome.signal", "outcomes/signals"],
  ["outcome.confirm", "outcomes/{outcome}/confirm"],
  ["outcome.reopen", "outcomes/{outcome}/reopen"],
]);

/** `data` may leave the member to `subject`. */
const reported = (data: object, member: string | undefined): object =>
  member === undefined || "member" in data ? {} : { member };

/** When it happened: `data` may leave that to the event. A level says it by its own span. */
const timed = (data: object, time: string | undefined): object =>
  time === undefined || "occurredAt" in data || "from" in data
    ? data
    : { ...data, occurredAt: time };
