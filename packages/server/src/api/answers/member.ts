import type { Group, Member } from "@cistern/contract";
import type { Group as KernelGroup, Member as KernelMember, Position } from "@cistern/kernel";

/** A member as it is told. */
export function memberBody(member: KernelMember, name: string | undefined, at: Position): Member {
  return {
    id: member.id,
    kind: member.kind,
    ...(name === undefined ? {} : { name }),
    groups: member.groups,
    ...(member.home === null ? {} : { home: member.home }),
    ...(member.sponsor === null ? {} : { sponsor: member.sponsor }),
    status: member.status,
    at,
  };
}

/** A group as it is told. */
export function groupBody(group: KernelGroup, name: string | undefined, at: Position): Group {
  return {
    id: group.id,
    ...(name === undefined ? {} : { name }),
    ...(group.leads === undefined ? {} : { leads: group.leads }),
    at,
  };
}
