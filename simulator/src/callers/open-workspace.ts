import type { Command } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import type { Caller, Street } from "./caller.ts";
import { groups, members } from "./choice.ts";
import { alertRule } from "./choose-alerts.ts";
import { grantOf } from "./choose-grants.ts";
import { fairnessOf } from "./choose-shares.ts";
import { limitOf } from "./choose-limits.ts";
import { memberOf, overageOf } from "./choose-rules.ts";

/** Creates a workspace with groups, some members, some limits and some credits, as its operator would. */
export async function openWorkspace(
  workspaceId: string,
  operator: Caller,
  { street, chance }: { readonly street: Street; readonly chance: Chance },
): Promise<void> {
  const known = street.known.get(workspaceId);
  const isBilled = known?.billing !== undefined;
  const isShared = known?.isShared === true;
  const isPast = known?.focus === "overage";
  // Before anybody is there, or once there are credits: the period is another one.
  const isSharedFirst = isShared && chance.happens(0.4);
  const run = async (command: Command, key: "own" | "none"): Promise<void> => {
    const number = street.newNumber();
    const operation = { kind: "command", number, workspaceId, command, key } as const;
    await operator.insist({ ...operation, keyOf: undefined }, 1_000);
  };
  await run(
    {
      kind: "createWorkspace",
      workspace: {
        id: workspaceId,
        timeZone: "UTC",
        currency: "EUR",
        overage: isPast ? { kind: "plan" } : overageOf(chance, isBilled),
        overrun: chance.pick(["draw_more_then_debt", "cap_at_hold"] as const),
        members: chance.happens(0.8) ? "open" : "known",
        guestsMax: chance.between(1, 6),
        ...(chance.happens(0.5) ? { owners: ["kim"] } : {}),
        ...(isSharedFirst ? { fairness: fairnessOf(chance) } : {}),
      },
    },
    "own",
  );
  for (const group of groups)
    await run({ kind: "putGroup", group, leads: chance.happens(0.5) ? ["ana"] : [] }, "none");
  if (chance.happens(0.4)) {
    const rule = alertRule({ chance, number: street.newNumber() });
    if (rule.kind === "command") await run(rule.command, "own");
  }
  for (const member of members.slice(0, 6)) await run(memberOf(chance, member), "none");
  for (
    let limits = isPast || (isShared && chance.happens(0.5)) ? 0 : chance.between(0, 3);
    limits > 0;
    limits -= 1
  )
    if (known !== undefined)
      await run(limitOf({ chance, known, number: street.newNumber() }, `limit-${limits}`), "none");
  // What a plan bills begins where the pool ends.
  const mean = isPast ? 4 : isBilled ? 25 : 120;
  for (let grants = chance.between(1, 4); grants > 0; grants -= 1)
    await run(grantOf(chance, street.world.nowMs, mean), "own");
  if (isShared && !isSharedFirst)
    await run({ kind: "updateWorkspace", changes: { fairness: fairnessOf(chance) } }, "own");
}
