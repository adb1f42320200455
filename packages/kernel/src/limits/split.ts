/**
 * Owns an equal split: what each member of a group, or of the workspace, gets of an amount, as a cap of its own.
 *
 * P1 the parts add up to the amount: what does not divide goes, a millionth each, to the first by id (R3). P2 who is there now has a
 * part; whoever comes or leaves later changes nothing until it is split again under the same name, which drops the parts of those who left.
 * P3 agents and keys spend their sponsor's part (RULES 3), and guests have none.
 */
import { type Credits, credits } from "../amount.ts";
import type { Member } from "../members/member.ts";
import type { Rejection } from "../rejections.ts";
import { split } from "../rounding.ts";
import type { State } from "../state/state.ts";
import type { Limit, LimitScope, Window } from "./limit.ts";
import { isOfPlan } from "./of-plan.ts";

/** What is split, and among whom. */
export interface SplitOf {
  /** Its limits are called `name:member`. */
  readonly name: string;
  readonly among: Extract<LimitScope, { readonly kind: "workspace" | "group" }>;
  readonly credits: Credits;
  readonly window: Window;
}

/** Who gets what. */
export interface Split {
  readonly kind: "split";
  readonly parts: readonly {
    readonly member: string;
    readonly credits: Credits;
    readonly limit: Limit;
  }[];
  /** Of an earlier split of this name. */
  readonly removed: readonly string[];
}

export type Splitting = Split | { readonly kind: "refused"; readonly rejection: Rejection };

/** Members of one split at most. */
const partsMax = 1_000;
/** Ids of limits are those of callers. */
const idCharactersMax = 64;

/** Splits, and changes nothing. */
export function equalSplit(
  state: State,
  { name, among, credits: amount, window }: SplitOf,
): Splitting {
  const { members, limits } = state;
  const prefix = `${name}:`;
  if (isOfPlan(prefix)) return refused({ code: "limit_of_plan", limit: prefix });
  if (among.kind === "group" && members.groups.get(among.id) === undefined)
    return refused({ code: "unknown_group", group: among.id });
  const present = [...members.members.values()]
    .filter(
      (one) => isPresent(one) && (among.kind === "workspace" || one.groups.includes(among.id)),
    )
    .map(({ id }) => id)
    .toSorted();
  if (present.length === 0 || present.length > partsMax)
    return invalid(
      "among",
      `An amount is split among 1 to ${partsMax} members; ${present.length} are there.`,
    );
  const long = present.find((id) => prefix.length + id.length > idCharactersMax);
  if (long !== undefined)
    return invalid("name", `The limit ${prefix}${long} would have more than 64 characters.`);
  const shares = split(
    amount,
    present.map(() => 1n),
  );
  const parts = present.map((member, index) => {
    const part = credits(shares[index] ?? 0n);
    const scope = { kind: "member", id: member } as const;
    const rule = { kind: "cap", credits: part, window } as const;
    return { member, credits: part, limit: { id: `${prefix}${member}`, scope, rule } };
  });
  const stays = new Set(parts.map(({ limit }) => limit.id));
  const removed = [...limits.limits.values()]
    .filter(({ id, scope }) => isPart(id, scope, prefix) && !stays.has(id))
    .map(({ id }) => id)
    .toSorted();
  return { kind: "split", parts, removed };
}

const isPresent = ({ status, isGuest, sponsor }: Member): boolean =>
  status === "active" && !isGuest && sponsor === null;

const isPart = (id: string, scope: LimitScope, prefix: string): boolean =>
  scope.kind === "member" && id === `${prefix}${scope.id}`;

const refused = (rejection: Rejection): Splitting => ({ kind: "refused", rejection });
const invalid = (field: string, reason: string): Splitting =>
  refused({ code: "invalid_request", field, reason });
