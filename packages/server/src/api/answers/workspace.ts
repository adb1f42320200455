import {
  type FairnessSetting,
  type Overage,
  type Workspace,
  printCredits,
  printInstant,
} from "@cistern/contract";
import { type Workspace as KernelWorkspace, type Position, credits } from "@cistern/kernel";

/** A workspace as it is told. */
export function workspaceBody(
  workspace: KernelWorkspace,
  name: string | undefined,
  at: Position,
): Workspace {
  return {
    id: workspace.id,
    ...(name === undefined ? {} : { name }),
    timeZone: workspace.timeZone,
    currency: workspace.currency,
    status: workspace.status,
    overage: overageBody(workspace.overage),
    members: workspace.members,
    guestsMax: workspace.guestsMax,
    ...lowBalanceBody(workspace),
    overrun: workspace.overrun,
    fairness: fairnessBody(workspace.fairness),
    ...(workspace.owners === undefined ? {} : { owners: workspace.owners }),
    createdAt: printInstant(workspace.createdAt),
    at,
  };
}

/** What is set; who chose it is told by `GET …/fairness`. */
export function fairnessBody(setting: KernelWorkspace["fairness"]): FairnessSetting {
  const { preset, reserve, reach } = setting ?? { preset: "plan" };
  return {
    preset,
    ...(reserve === undefined ? {} : { reserve }),
    ...(reach === undefined ? {} : { reach }),
  };
}

const lowBalanceBody = ({ lowBalance = credits(0n) }: Pick<KernelWorkspace, "lowBalance">) =>
  lowBalance === 0n ? {} : { lowBalance: printCredits(lowBalance) };

function overageBody(overage: KernelWorkspace["overage"]): Overage {
  switch (overage.kind) {
    case "plan":
    case "deny":
      return { kind: overage.kind };
    case "debt":
      return { kind: "debt", limit: printCredits(overage.limit) };
  }
}
