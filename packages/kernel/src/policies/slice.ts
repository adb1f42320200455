/** Owns the policies of one workspace and who accepted them; `forbidden.ts` says what they forbid. */
import type { Path } from "../members/member.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { Acceptance, Policy, PolicyScope } from "./policy.ts";

/** Policies by id, and the last acceptance of each by member. */
export interface PolicySlice {
  readonly policies: Table<Policy>;
  readonly acceptances: Table<Acceptance>;
  /** By node, in the order of their ids. */
  readonly byNode: ReadonlyMap<string, readonly Policy[]>;
}

/** Where a member's acceptance of a policy stands: ids have no `|`. */
export const acceptanceKey = (policy: string, member: string): string => `${policy}|${member}`;

/** An empty slice. */
export function policySlice(undo: UndoLog): PolicySlice {
  const policies = new Table<Policy>("policies", undo, isPolicy);
  const acceptances = new Table<Acceptance>("acceptances", undo, isAcceptance);
  const byNode = new Map<string, readonly Policy[]>();
  policies.watch((id, before, after) => {
    if (before !== undefined) {
      const left = (byNode.get(nodeOf(before.scope)) ?? none).filter((one) => one.id !== id);
      if (left.length === 0) byNode.delete(nodeOf(before.scope));
      else byNode.set(nodeOf(before.scope), left);
    }
    if (after === undefined) return;
    const all = [...(byNode.get(nodeOf(after.scope)) ?? none), after];
    byNode.set(
      nodeOf(after.scope),
      all.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  });
  return { policies, acceptances, byNode };
}

/** All policies that bind a call of this path, from near to far: of the member, its sponsors, the groups of all of them, the workspace. */
export function policiesOn({ policies, byNode }: PolicySlice, path: Path): readonly Policy[] {
  if (policies.size === 0) return none;
  return [
    ...[path.member, ...path.sponsors].map((id) => nodeOf({ kind: "member", id })),
    ...path.groups.map((id) => nodeOf({ kind: "group", id })),
    nodeOf({ kind: "workspace" }),
  ].flatMap((node) => byNode.get(node) ?? none);
}

/** Policies at the node of a scope. */
export const policiesAt = ({ byNode }: PolicySlice, scope: PolicyScope): readonly Policy[] =>
  byNode.get(nodeOf(scope)) ?? none;

/** A policy is no more, nor its acceptances: one that is set again under its id is to be accepted anew. */
export function dropPolicy({ policies, acceptances }: PolicySlice, id: string): void {
  for (const [key, one] of acceptances.entries())
    if (one.policy === id) acceptances.set(key, undefined);
  policies.set(id, undefined);
}

const none: readonly Policy[] = [];

const nodeOf = (scope: PolicyScope): string =>
  scope.kind === "workspace" ? scope.kind : `${scope.kind}|${scope.id}`;

const isPolicy = (value: unknown): value is Policy =>
  typeof value === "object" && value !== null && "mustAccept" in value;
const isAcceptance = (value: unknown): value is Acceptance =>
  typeof value === "object" && value !== null && "text" in value;
