/** Owns what a span says of one call of a model or tool: whose it is, what was called, and what it used. */
import { type Usage, limits } from "@cistern/contract";
import { type BadSpan, type ReceivedSpan, isBad } from "./received-span.ts";
import { placeOf, spansAround } from "./span-tree.ts";
import { usageOfSpan } from "./span-usage.ts";

/** A call that somebody else saw. */
export interface Observation {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly endedAtMs: number;
  /** In the words of the GenAI conventions: `chat`, `embeddings`, `execute_tool`. */
  readonly operation: string;
  readonly provider: string | undefined;
  /** Who answered; else who was asked. Of a tool its name. */
  readonly model: string | undefined;
  readonly requestedModel: string | undefined;
  /** The provider's own id of the answer. */
  readonly response: string | undefined;
  /** undefined: none was told. */
  readonly usage: Usage | undefined;
  readonly workspace: string | undefined;
  readonly member: string | undefined;
  readonly run: string | undefined;
  readonly project: string | undefined;
}

/** The one operation without a model. */
export const toolOperation = "execute_tool";

/** Spans around calls: they say again what those say that they are made of. */
const around: ReadonlySet<string> = new Set([
  "invoke_agent",
  "create_agent",
  "agent_step",
  "invoke_workflow",
  "plan",
]);

/** Kinds of OpenInference and of instrumentations of before the conventions, in the words of those; all others are around calls. */
const operations: Readonly<Record<string, string>> = {
  LLM: "chat",
  EMBEDDING: "embeddings",
  RERANKER: "rerank",
  TOOL: toolOperation,
  chat: "chat",
  completion: "text_completion",
  embedding: "embeddings",
  rerank: "rerank",
};

/** A tool has a price of its own, whatever it calls: it repeats nobody, and nobody repeats it. */
const isTool = ({ operation }: Observation): boolean => operation === toolOperation;

/** Whether the call is of a model and tells what it used: whatever it lies within says that again. */
export const tellsUsage = (one: Observation): boolean => !isTool(one) && one.usage !== undefined;

/** What spans say of calls; spans of anything else are left out. One that is around another that tells usage is no call of its own. */
export function observe(
  spans: readonly (ReceivedSpan | BadSpan)[],
): readonly (Observation | BadSpan)[] {
  const seen: (Observation | BadSpan)[] = [];
  for (const span of spans) {
    const one = isBad(span) ? span : observationOf(span);
    if (one !== undefined) seen.push(one);
  }
  const links = spans.flatMap((one) => (isBad(one) ? [] : [one]));
  const inner = seen.flatMap((one) => (!isBad(one) && tellsUsage(one) ? [one] : []));
  const outer = spansAround(inner, links);
  return seen.filter((one) => isBad(one) || isTool(one) || !outer.has(placeOf(one)));
}

/** The workspace that a span says it is of, itself or by its resource. */
export const workspaceSaid = (span: ReceivedSpan): string | undefined =>
  textOf(span.attributes, "cistern.workspace") ?? textOf(span.resource, "cistern.workspace");

function observationOf(span: ReceivedSpan): Observation | BadSpan | undefined {
  const { attributes, traceId, spanId, parentSpanId, endedAtMs } = span;
  const operation = operationOf(span);
  if (operation === undefined) return undefined;
  const told = usageOfSpan(attributes);
  if ("wrong" in told) return { kind: "bad", why: `span ${spanId}: ${told.wrong}` };
  const isOfTool = operation === toolOperation;
  const answered = textOf(attributes, "gen_ai.response.model", "llm.response.model_name");
  const asked = textOf(
    attributes,
    "gen_ai.request.model",
    "llm.model_name",
    "embedding.model_name",
  );
  const tool = textOf(attributes, "gen_ai.tool.name", "tool.name");
  const own = (...keys: readonly string[]): string | undefined =>
    textOf(attributes, ...keys) ?? textOf(span.resource, ...keys);
  return {
    traceId,
    spanId,
    parentSpanId,
    endedAtMs,
    operation,
    provider: textOf(
      attributes,
      "gen_ai.provider.name",
      "gen_ai.system",
      "llm.provider",
      "llm.system",
    ),
    model: isOfTool ? tool : (answered ?? asked),
    requestedModel: isOfTool ? undefined : asked,
    response: answerIn(attributes),
    usage: isOfTool ? { requests: 1 } : told.usage,
    workspace: workspaceSaid(span),
    member: own("cistern.member", "user.id", "enduser.id"),
    run: own("cistern.run"),
    project: own("cistern.project"),
  };
}

/** As a settlement would name it. */
function answerIn(attributes: ReceivedSpan["attributes"]): string | undefined {
  const text = textOf(attributes, "gen_ai.response.id", "llm.response.id");
  return text !== undefined && /^[ -~]+$/.test(text) ? text : undefined;
}

/** undefined: it is no call. A span without a name of its operation is one where it tells usage of a provider. */
function operationOf({ attributes }: ReceivedSpan): string | undefined {
  const named = textOf(attributes, "gen_ai.operation.name");
  if (named !== undefined) return around.has(named) ? undefined : named;
  const kind = textOf(attributes, "openinference.span.kind", "llm.request.type");
  if (kind !== undefined) return Object.hasOwn(operations, kind) ? operations[kind] : undefined;
  const isOfProvider = attributes.has("gen_ai.system") || attributes.has("gen_ai.provider.name");
  const isTold = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens",
    "gen_ai.response.id",
  ].some((name) => attributes.has(name));
  return isOfProvider && isTold ? "chat" : undefined;
}

/** The first of these that is a text of a bounded length which the database can keep. */
function textOf(
  attributes: ReceivedSpan["attributes"],
  ...keys: readonly string[]
): string | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (typeof value === "string" && isKept(value)) return value;
  }
  return undefined;
}

const isKept = (text: string): boolean =>
  text !== "" &&
  text.length <= limits.meterCharactersMax &&
  text.isWellFormed() &&
  !text.includes("\0");
