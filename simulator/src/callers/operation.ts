/** Owns what a caller wants done, apart from how often and where it has to ask for it. */
import { hash } from "node:crypto";
import type { Command } from "@cistern/kernel";
import type { EngineRequest } from "cistern/engine";
import type { Ask, Question } from "../history/call.ts";
import { textOf } from "../history/text-of.ts";

/**
 * A command with the key that makes its retries safe: one of its own (`own`), the hold's id and the verb (`default`), or none,
 * where doing it twice is the same as once (`none`).
 */
export interface CommandOperation {
  readonly kind: "command";
  readonly number: number;
  readonly workspaceId: string;
  readonly command: Command;
  readonly key: "own" | "default" | "none";
  /** Another operation's number, whose key this one takes for its own. */
  readonly keyOf: number | undefined;
}

/** A strict read. */
export interface ReadOperation {
  readonly kind: "read";
  readonly number: number;
  readonly workspaceId: string;
  readonly question: Question;
}

/** One thing that a caller wants. */
export type Operation = CommandOperation | ReadOperation;

/** The message for one try: new ids each time, as the API makes them, with the key and the fingerprint of the operation. */
export function messageOf(operation: Operation, newId: (prefix: string) => string): Ask {
  if (operation.kind === "read") {
    const { workspaceId, question } = operation;
    return { kind: "read", workspaceId, question };
  }
  const { workspaceId, command, key } = operation;
  const request: EngineRequest = {
    workspaceId,
    command: withIds(command, newId),
    opId: key === "own" ? `key-${operation.keyOf ?? operation.number}` : null,
    fingerprint: key === "none" ? null : fingerprintOf(command),
  };
  return { kind: "command", request: key === "default" ? underDefaultKey(request) : request };
}

function underDefaultKey(request: EngineRequest): EngineRequest {
  const { command, fingerprint } = request;
  if (command.kind !== "settleHold" && command.kind !== "releaseHold") return request;
  return { ...request, command: { ...command, fingerprint } };
}

function withIds(command: Command, newId: (prefix: string) => string): Command {
  switch (command.kind) {
    case "openHold":
      return { ...command, hold: newId("hld_") };
    case "openRun":
      return typeof command.purse === "string" ? { ...command, purse: newId("hld_") } : command;
    case "requestCredits":
      return { ...command, request: newId("crq_") };
    case "debit":
      return { ...command, debit: newId("dbt_") };
    case "refund":
      return { ...command, refund: newId("rfd_") };
    case "grant":
      return { ...command, grant: newId("grt_") };
    case "putSubscription":
      return { ...command, subscription: newId("sub_") };
    case "claimOutcome":
      return { ...command, outcome: newId("out_") };
    case "requestTopUp":
      return { ...command, topUp: newId("top_") };
    case "resolveTopUp":
      return { ...command, grant: newId("grt_"), bonusGrant: newId("grt_") };
    case "repay":
      return { ...command, repayment: newId("rpy_") };
    case "chargeBack":
      return { ...command, chargeback: newId("cbk_") };
    case "creditInvoice":
      return { ...command, creditNote: newId("crn_") };
    case "giftReserve":
      return { ...command, gift: newId("gft_") };
    case "payOutBalance":
      return { ...command, payout: newId("pyo_") };
    default:
      return command;
  }
}

const fingerprintOf = (command: Command): string => hash("sha256", textOf(command));
