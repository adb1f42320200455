// Owns: a model's call in LangChain, by its callbacks. K1: it is asked for before the model is called, and a refusal stops it there. K2: where a
// caller leaves a stream without a signal, LangChain tells nobody: what passed is charged when nothing more has for a while, and a call of which
// nothing passed expires. K3: memory is bounded: an answer's text is kept as `Delivered` keeps it, and of calls of which nothing more is told the
// oldest are forgotten. A metered `fetch` in the model's own client sees more, and is the better choice where the client takes one.
import { defaultEnvironment } from "../defaults.ts";
import { countPrompt } from "../estimates/estimator.ts";
import { PromptReader, promptIn } from "../estimates/prompt.ts";
import type { Collector } from "../metering/collector.ts";
import { type Evidence, type Stop, nothingSeen } from "../metering/ending.ts";
import { Delivered } from "../providers/delivered.ts";
import type { MeteredCall } from "../metering/metered-call.ts";
import type { MeteredRequest } from "../metering/metered-request.ts";
import { isJson, jsonText, listAt, objectAt, quantityAt, textAt } from "../providers/json.ts";
import { messageUsage, resultUsage } from "./langchain-usage.ts";

/** A handler for the `callbacks` of a model, a chain or a call. */
export interface LangChainHandler {
  readonly raiseError: true;
  readonly awaitHandlers: true;
  readonly handleChatModelStart: Start;
  readonly handleLLMStart: Start;
  readonly handleLLMNewToken: (
    token: string,
    place: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    fields?: object,
  ) => void;
  readonly handleLLMEnd: (
    output: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    extra?: Record<string, unknown>,
  ) => void;
  readonly handleLLMError: (error: unknown, runId: string) => void;
}

type Start = (
  model: unknown,
  prompts: readonly unknown[],
  runId: string,
  parentRunId?: string,
  extra?: Record<string, unknown>,
  tags?: string[],
  metadata?: Record<string, unknown>,
) => Promise<void>;

/** How a handler is patient. */
export interface LangChainHandlerOptions {
  /** After how long without a word a stream counts as left; default two minutes. */
  readonly silenceMsMax?: number;
}

const silenceMsMaxDefault = 120_000;
/** K3. No process has so many calls under way; the hold of one that is forgotten expires. */
const callsMax = 10_000;

/** A call under way. Mutable. */
interface Running {
  readonly call: MeteredCall;
  readonly delivered: Delivered;
  readonly unlink: () => void;
  cancelTimer: () => void;
}

/**
 * A handler that meters the models that it is given to.
 *
 * @example const model = new ChatOpenAI({ model: "gpt-5", callbacks: [langchainHandler(credits)] });
 */
export function langchainHandler(
  collector: Collector,
  { silenceMsMax = silenceMsMaxDefault }: LangChainHandlerOptions = {},
): LangChainHandler {
  const { estimator } = collector;
  const calls = new Map<string, Running>();
  const end = (runId: string, stop: Stop, seen?: Evidence): void => {
    const running = calls.get(runId);
    if (running === undefined) return;
    calls.delete(runId);
    running.cancelTimer();
    running.unlink();
    running.call.end(seen ?? { ...nothingSeen, delivered: running.delivered.usage() }, stop);
  };
  const start: Start = async (_model, prompts, runId, _parent, extra, _tags, metadata) => {
    const { signal } = objectAt(extra, "options");
    const request = requestOf(collector, { prompts, extra, metadata });
    const call = await collector.open(request, signal instanceof AbortSignal ? signal : undefined);
    const unlink = whenAborted(signal, () => end(runId, "cancelled"));
    const delivered = new Delivered(estimator, () => {});
    calls.set(runId, { call, delivered, unlink, cancelTimer: () => {} });
    const [oldest] = calls.size > callsMax ? calls : [];
    if (oldest === undefined) return;
    const [forgotten, running] = oldest;
    running.cancelTimer();
    running.unlink();
    calls.delete(forgotten);
  };
  return {
    raiseError: true,
    awaitHandlers: true,
    handleChatModelStart: start,
    handleLLMStart: start,
    handleLLMNewToken: (token, _place, runId, _parent, _tags, fields) => {
      const running = calls.get(runId);
      const text = token + toolText(fields);
      if (running === undefined || text === "") return;
      running.delivered.text("output_text", text);
      running.cancelTimer();
      const isLeft = (): void => end(runId, "cancelled");
      running.cancelTimer = defaultEnvironment.setTimer(silenceMsMax, isLeft, true);
    },
    handleLLMEnd: (output, runId, _parent, _tags, extra) => {
      // The answer came from LangChain's cache: nobody was asked.
      if (extra?.["cached"] === true) end(runId, "refused", nothingSeen);
      else end(runId, "ended", evidenceOf(output, new Delivered(estimator, () => {})));
    },
    handleLLMError: (error, runId) => {
      const isAbort = error instanceof Error && /abort/i.test(error.name);
      end(runId, isAbort ? "cancelled" : "broken");
    },
  };
}

/** What a chunk brings of calls of tools: it has no token then. */
function toolText(fields: unknown): string {
  const message = objectAt(objectAt(fields, "chunk"), "message");
  return listAt(message, "tool_call_chunks")
    .map((call) => (textAt(call, "name") ?? "") + (textAt(call, "args") ?? ""))
    .join("");
}

/** The answer stops listening. */
function whenAborted(signal: unknown, onAbort: () => void): () => void {
  if (!(signal instanceof AbortSignal)) return () => {};
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

function requestOf(
  { estimator, outputTokens }: Collector,
  call: {
    readonly prompts: readonly unknown[];
    readonly extra: Record<string, unknown> | undefined;
    readonly metadata: Record<string, unknown> | undefined;
  },
): MeteredRequest {
  const params = objectAt(call.extra, "invocation_params");
  const { metadata } = call;
  const around = new PromptReader();
  for (const tool of listAt(params, "tools")) around.json(tool);
  // One run has one prompt: a list of messages, or a text.
  const input = countPrompt(estimator, promptIn(call.prompts[0])) + countPrompt(estimator, around);
  const bound =
    quantityAt(params, "max_completion_tokens") ??
    quantityAt(params, "max_tokens") ??
    quantityAt(params, "max_output_tokens") ??
    quantityAt(metadata, "ls_max_tokens");
  return {
    kind: "chat",
    model:
      textAt(params, "model") ?? textAt(params, "model_name") ?? textAt(metadata, "ls_model_name"),
    estimate: {
      input_text: estimator.safe(input),
      output_text: bound ?? outputTokens("chat"),
    },
    input: { input_text: input },
  };
}

function evidenceOf(output: unknown, delivered: Delivered): Evidence {
  const [generations] = listAt(output, "generations");
  const answers = Array.isArray(generations) ? generations : [];
  const messages = answers.map((answer) => objectAt(answer, "message"));
  for (const answer of answers) delivered.text("output_text", textAt(answer, "text"));
  for (const message of messages)
    for (const call of listAt(message, "tool_calls")) delivered.text("output_text", jsonText(call));
  const [message = {}] = messages;
  const about = objectAt(message, "response_metadata");
  const id = textAt(about, "id") ?? textAt(message, "id");
  return {
    usage:
      messages.map((each) => messageUsage(each["usage_metadata"])).find(isJson) ??
      resultUsage(objectAt(output, "llmOutput")),
    isUsageRunning: false,
    delivered: delivered.usage(),
    isWhole: true,
    // LangChain makes up ids of its own where the provider gave none.
    response: id?.startsWith("run-") === true ? undefined : id,
    model: textAt(about, "model_name") ?? textAt(about, "model"),
  };
}
