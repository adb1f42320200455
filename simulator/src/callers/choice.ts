import type { Command } from "@cistern/kernel";
import type { Question } from "../history/call.ts";
import type { Chance } from "../world/chance.ts";
import type { Known } from "./known.ts";
import type { CommandOperation } from "./operation.ts";

/** The members that callers name; the last ones are never registered. */
export const members = [
  "ana",
  "ben",
  "cleo",
  "dan",
  "agent-1",
  "key-1",
  "guest-1",
  "guest-2",
] as const;
/** The groups of every workspace. */
export const groups = ["growth", "design"] as const;

/** What a choice is made with. */
export interface Choosing {
  readonly chance: Chance;
  readonly known: Known;
  readonly nowMs: number;
  /** A number that no other operation has, to tell one PUT from the next. */
  readonly number: number;
}

/** A command and the kind of its key, or a question. */
export type Choice =
  | { readonly kind: "command"; readonly command: Command; readonly key: CommandOperation["key"] }
  | { readonly kind: "read"; readonly question: Question };

/** A command under a key of its own. */
export const keyed = (command: Command): Choice => ({ kind: "command", command, key: "own" });
