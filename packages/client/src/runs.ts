import type { PageQuery, Run, RunPage, RunRaise, RunRequest } from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";

/**
 * Runs: envelopes around the calls of one piece of work. Holds and debits that name a run count in it, and in every run around it.
 *
 * @example
 * await acme.runs.open({ id: "research-42", member: "ana", limit: "500", maxSteps: 150 });
 * const text = await acme.run({ member: "ana", run: "research-42", credits: "5" }, () => ask(prompt));
 * await acme.runs.close("research-42");
 */
export interface RunsClient {
  open(request: RunRequest, options?: ChangeOptions): Promise<Run>;
  /** Raises bounds and ends a pause; without any bound it ends the pause alone. Needs a key with the scope `admin`. */
  raise(id: string, request?: RunRaise, options?: ChangeOptions): Promise<Run>;
  /** Nothing more is approved in it or inside it; open holds settle or expire. */
  close(id: string, options?: ChangeOptions): Promise<Run>;
  /** As it stands; known for a week after its end. */
  get(id: string, options?: CallOptions): Promise<Run>;
  list(query?: PageQuery, options?: CallOptions): Promise<RunPage>;
}

export function runsClient(calls: Calls, within: Within): RunsClient {
  return {
    open: async (request, options) => await calls.change("POST", within("runs"), request, options),
    raise: async (id, request = {}, options = {}) =>
      await calls.change("POST", within("runs", id, "raise"), request, options),
    close: async (id, options) =>
      await calls.change("POST", within("runs", id, "close"), {}, options),
    get: async (id, options) => await calls.read(within("runs", id), {}, options),
    list: async (query, options) => await calls.read(within("runs"), query, options),
  };
}
