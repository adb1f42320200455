import type { Engine } from "cistern/engine";
import type { Call, History } from "../history/call.ts";
import type { World } from "../world/world.ts";

/** An engine as the watch of its node uses it: what it asks is a call of the history like any other. */
export function notedEngine(
  engine: Engine,
  {
    node,
    world,
    history: { calls },
    isAlive,
  }: {
    readonly node: string;
    readonly world: World;
    readonly history: History;
    readonly isAlive: () => boolean;
  },
): Pick<Engine, "execute" | "read"> {
  return {
    read: (workspaceId, question) => engine.read(workspaceId, question),
    execute: async (request) => {
      const call: Call = {
        number: calls.length,
        operation: -1 - calls.length,
        caller: `watch of ${node}`,
        node,
        ask: { kind: "command", request },
        askedUs: world.nowUs,
        answeredUs: undefined,
        reply: undefined,
      };
      calls.push(call);
      const answer = await engine.execute(request);
      if (isAlive()) {
        call.answeredUs = world.nowUs;
        call.reply = { kind: "answer", answer };
      }
      return answer;
    },
  };
}
