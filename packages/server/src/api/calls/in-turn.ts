import { type Engine, Gate } from "../../engine/index.ts";
import { type Refusal, refuse, unknownWorkspace } from "../problems/problem.ts";

/** Makes reports, of one workspace or of all, so many at once; the others wait, as those of a page that shows them all. */
export type InTurn = <Made>(
  workspaceId: string | undefined,
  make: () => Promise<Made>,
) => Promise<Made | Refusal>;

const reportsAtOnce = 2;
const reportsWaiting = 16;
const retrySeconds = 5;

/** Each reads much, so only so many are made at once; past those that wait it is `overloaded`. */
export function reportsInTurn(engine: Engine): InTurn {
  const gate = new Gate(reportsAtOnce, reportsWaiting);
  return async (workspaceId, make) => {
    const made = await gate.run(async () => {
      if (workspaceId === undefined) return await make();
      const known = await engine.read(workspaceId, () => true);
      return known.kind === "read" ? await make() : unknownWorkspace(workspaceId);
    });
    return made === "full" ? tooMany : made;
  };
}

const tooMany: Refusal = {
  ...refuse("overloaded", "As many reports as can be are being made. Ask again when one is done."),
  retryAfter: retrySeconds,
};
