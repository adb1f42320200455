import {
  type Command,
  type Event,
  type Instant,
  type Rejection,
  type State,
  pauseAfter,
  workspaceOf,
} from "@cistern/kernel";
import type { Accepted, Engine, Read, Rejected } from "../../engine/index.ts";
import { type Refusal, keyReused, unknownWorkspace } from "../problems/problem.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";
import { tellsMoney } from "../problems/refused-money.ts";
import type { RequestKey } from "./idempotency.ts";

/** A command for a workspace, under the key of its request. */
export interface Order {
  readonly workspaceId: string;
  readonly command: Command;
  readonly key: RequestKey;
  /** How a refusal names the call; "The call" when left out. */
  readonly asker?: string;
}

/** An accepted command with the one event that it became. */
export interface CarriedOut<Kind extends Event["kind"]> extends Accepted {
  readonly event: Extract<Event, { readonly kind: Kind }>;
}

/** Has the engine carry out a command that becomes an event of this kind (or of one of these), or tells why not. */
export async function carryOut<Kind extends Event["kind"]>(
  engine: Engine,
  kinds: Kind | readonly Kind[],
  { workspaceId, command, key, asker = "The call" }: Order,
): Promise<CarriedOut<Kind> | Refusal> {
  const answer = await engine.execute({ workspaceId, command, ...key });
  switch (answer.kind) {
    case "accepted":
      if (isCarriedOut(answer, kinds)) return answer;
      // The fingerprint covers method and path, so an accepted key can only lead to an event of its own route.
      throw new Error(`${command.kind} became ${answer.event.kind} and not ${String(kinds)}.`);
    case "rejected":
      if (answer.rejection.code === "unknown_workspace") return unknownWorkspace(workspaceId);
      await pause(engine, workspaceId, answer.rejection);
      return await refusalOf(engine, answer, { workspaceId, asker });
    case "key_reused":
      return keyReused(key.opId ?? "of the hold");
  }
}

/**
 * A run that refuses a call by a bound of its own is paused. The refusal itself changes nothing, so this is a command of its own: what it
 * finds raised since, it leaves as it is.
 */
async function pause(engine: Engine, workspaceId: string, rejection: Rejection): Promise<void> {
  const command = pauseAfter(rejection);
  if (command !== undefined)
    await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
}

/** How a command that the engine refused is told; money of the workspace in its currency, which it keeps. */
export async function refusalOf(
  engine: Pick<Engine, "read">,
  { rejection, at, decidedAt }: Rejected,
  asked: { readonly workspaceId: string; readonly asker: string },
): Promise<Refusal> {
  const refused = { ...asked, at, decidedAt };
  if (!tellsMoney(rejection)) return rejectionRefusal(rejection, refused);
  const read = await engine.read(asked.workspaceId, (state) => workspaceOf(state)?.currency);
  const currency = read.kind === "read" ? read.value : undefined;
  return rejectionRefusal(rejection, {
    ...refused,
    ...(currency === undefined ? {} : { currency }),
  });
}

/** Asks the workspace a question, or tells that there is none. */
export async function ask<T>(
  engine: Engine,
  workspaceId: string,
  question: (state: State, at: Instant) => T,
): Promise<Read<T> | Refusal> {
  const answer = await engine.read(workspaceId, question);
  return answer.kind === "read" ? answer : unknownWorkspace(workspaceId);
}

function isCarriedOut<Kind extends Event["kind"]>(
  answer: Accepted,
  kinds: Kind | readonly Kind[],
): answer is CarriedOut<Kind> {
  const { kind } = answer.event;
  return typeof kinds === "string" ? kind === kinds : kinds.some((one) => one === kind);
}
