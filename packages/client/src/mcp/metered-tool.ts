// Owns: a tool with a price. M1: only a result is charged: what throws, is refused or says `isError` releases. M2: a caller may name the run
// that a call counts in; who pays is the server's word, unless it trusts its callers.
import type { Problem, Usage } from "@cistern/contract";
import { CisternProblem } from "../errors.ts";
import type { Collector } from "../metering/collector.ts";
import { nothingSeen } from "../metering/ending.ts";
import type { MeteredCall } from "../metering/metered-call.ts";
import type { CallScope } from "../metering/scope.ts";
import { isJson } from "../providers/json.ts";
import { scopeOfMeta } from "./scope-meta.ts";

/** What a tool costs, and when. The SDK gives a handler its arguments, and last what else it knows of the request: `_meta` and `signal` are read of that. */
export interface ToolPrice<Result, Args extends readonly unknown[] = readonly unknown[]> {
  /** The tool's name: the attribute `tool` of its holds. */
  readonly name: string;
  /** A price in credits; default: what the rate card makes of `usage`. */
  readonly credits?: string;
  /** Default `{ requests: 1 }`. */
  readonly usage?: Usage;
  /** The catalog's meter; default `tool` where the price is not in credits. */
  readonly meter?: string;
  readonly model?: string;
  /** Whether a result is one that is paid for; default: each that is no error. */
  readonly reached?: (result: Result) => boolean;
  /** What a call does, the same for the same action: `maxSameAction` of its run counts it. */
  readonly action?: (...args: Args) => string;
  /** Whose call it is, beside what the collector says, such as by its access token. */
  readonly scope?: (...args: Args) => Partial<CallScope>;
  /** Takes workspace and member of the request's `_meta` as well; default `false`: the run and the project alone. */
  readonly trustsCaller?: boolean;
}

/** What a caller is told in place of a result where a call may not be made: `_meta["cistern/problem"]` is Cistern's own word. */
export interface ToolRefusal {
  [name: string]: unknown;
  isError: true;
  content: { type: "text"; text: string }[];
  _meta: Record<string, unknown> & { "cistern/problem": Problem };
}

/**
 * A tool's handler with a price. A call that may not be made is answered with an error result, which the model reads.
 *
 * @example
 * const search = meteredTool(credits, async ({ query }) => ({ content: await find(query) }), { name: "search", credits: "2" });
 * server.registerTool("search", { inputSchema: { query: z.string() } }, search);
 */
export function meteredTool<Args extends readonly unknown[], Result extends object>(
  collector: Collector,
  handler: (...args: Args) => Result | Promise<Result>,
  price: ToolPrice<Result, Args>,
): (...args: Args) => Promise<Result | ToolRefusal> {
  return async (...args) => {
    let call: MeteredCall;
    try {
      call = await asked(collector, price, args);
    } catch (error) {
      if (!(error instanceof CisternProblem)) throw error;
      return refusal(error);
    }
    let result: Result;
    try {
      result = await handler(...args);
    } catch (error) {
      call.end(nothingSeen, "broken");
      throw error;
    }
    const { usage = call.request.estimate, reached = isNoError } = price;
    let isReached = false;
    try {
      isReached = !saysError(result) && reached(result);
    } finally {
      if (isReached) call.end({ ...nothingSeen, usage, isWhole: true }, "ended");
      else call.end(nothingSeen, "refused");
    }
    return result;
  };
}

const isNoError = (): boolean => true;
const saysError = (result: object): boolean => "isError" in result && result.isError === true;

async function asked<Args extends readonly unknown[], Result>(
  collector: Collector,
  price: ToolPrice<Result, Args>,
  args: Args,
): Promise<MeteredCall> {
  const { name, credits, usage = { requests: 1 }, meter, model, action } = price;
  const extra = args.at(-1);
  const { workspace, member, ...rest } = scopeOfMeta(isJson(extra) ? extra["_meta"] : undefined);
  const payer = {
    ...(workspace === undefined ? {} : { workspace }),
    ...(member === undefined ? {} : { member }),
  };
  const said = price.trustsCaller === true ? { ...payer, ...rest } : rest;
  const signal = isJson(extra) ? extra["signal"] : undefined;
  return await collector.with({ ...said, ...price.scope?.(...args) }).open(
    {
      kind: "tool",
      ...(meter === undefined ? {} : { meter }),
      ...(credits === undefined ? {} : { credits }),
      model,
      estimate: usage,
      input: {},
      attributes: { tool: name },
      toolCall: true,
      ...(action === undefined ? {} : { action: action(...args) }),
    },
    signal instanceof AbortSignal ? signal : undefined,
  );
}

function refusal({ message, problem }: CisternProblem): ToolRefusal {
  return {
    isError: true,
    content: [{ type: "text", text: message }],
    _meta: { "cistern/problem": problem },
  };
}
