import {
  type Command,
  type Credits,
  type Workspace,
  credits,
  microCreditsPerCredit,
  money,
} from "@cistern/kernel";
import { grantedCredits, memberCap, membersPerWorkspace } from "../load/spender.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Node, newId } from "./node.ts";

/** How a workspace is larger than usual, or smaller. */
export interface WorkspaceSize {
  /** Paid grants, equal shares of the credits, each burnt before the next; 1 when left out. */
  readonly lots?: number;
  /** `member-0` and so on; as many as the rivals have when left out. With 0 whoever calls may spend. */
  readonly members?: number;
  /** What happens past the pool; refused when left out. */
  readonly overage?: Workspace["overage"];
  /** How members share the pool; first come, first served when left out. */
  readonly fairness?: Workspace["fairness"];
}

/** What makes a workspace as the rivals have it: paid credits, members, and a cap a month for each of them. */
export function* workspaceCommands(
  workspaceId: string,
  {
    lots = 1,
    members = membersPerWorkspace,
    overage = { kind: "deny" },
    fairness,
  }: WorkspaceSize = {},
): Generator<Command> {
  yield {
    kind: "createWorkspace",
    workspace: {
      id: workspaceId,
      timeZone: "Europe/Berlin",
      currency: "EUR",
      overage,
      overrun: "draw_more_then_debt",
      members: members === 0 ? "open" : "known",
      guestsMax: 1_000,
      ...(fairness === undefined ? {} : { fairness }),
    },
  };
  for (let index = 0; index < members; index += 1)
    yield {
      kind: "putMember",
      member: `member-${index}`,
      memberKind: "person",
      groups: [],
      home: null,
      sponsor: null,
    };
  yield {
    kind: "putLimit",
    limit: "monthly",
    scope: { kind: "eachMember" },
    rule: { kind: "cap", credits: credits(memberCap), window: { kind: "calendar", unit: "month" } },
  };
  const share = credits(grantedCredits / BigInt(lots));
  for (let index = 0; index < lots; index += 1) yield grant(share, index);
}

function grant(amount: Credits, priority: number): Command {
  return {
    kind: "grant",
    grant: newId("grt"),
    credits: amount,
    source: "purchase",
    // A cent a credit: the money of each settlement is recognised as well.
    cost: money(amount / microCreditsPerCredit),
    currency: null,
    priority,
    effectiveAt: null,
    expiresAt: null,
    appliesTo: null,
    reference: null,
  };
}

/** Makes a workspace through the engine. */
export async function prepareWorkspace(
  { engine }: Node,
  workspaceId: string,
  size: WorkspaceSize = {},
): Promise<void> {
  for (const command of workspaceCommands(workspaceId, size)) {
    const answer = await engine.execute({
      workspaceId,
      command,
      opId: newId("prepare"),
      fingerprint: fingerprint("/prepare", command.kind),
    });
    if (answer.kind !== "accepted") throw new Error(`${command.kind} was not accepted`);
  }
}
