/** The oracle's members: who may spend, and where their calls count. */
import type { Command, Workspace } from "@cistern/kernel";
import type { Use } from "./ledger.ts";
import { type Verdict, accepted, no } from "./verdict.ts";

interface OracleMember {
  readonly groups: readonly string[];
  readonly sponsor: string | null;
  isActive: boolean;
  readonly isGuest: boolean;
  readonly isKey: boolean;
}

export class People {
  readonly members = new Map<string, OracleMember>();
  readonly groups = new Set<string>();

  putMember(command: Extract<Command, { kind: "putMember" }>): Verdict {
    if (command.groups.some((id) => !this.groups.has(id))) return no("unknown_group");
    const { sponsor, groups } = command;
    if (sponsor !== null && !this.members.has(sponsor)) return no("unknown_member");
    if (sponsor !== null && this.upwards(sponsor).includes(command.member))
      return no("invalid_request");
    const isKey = command.memberKind === "key";
    this.members.set(command.member, { groups, sponsor, isActive: true, isGuest: false, isKey });
    return accepted;
  }

  deactivate(id: string): Verdict {
    const member = this.members.get(id);
    if (member === undefined) return no("unknown_member");
    member.isActive = false;
    for (const [acting, one] of this.members)
      if (one.isKey && this.upwards(acting).includes(id)) one.isActive = false;
    return accepted;
  }

  /** RULES 5: unknown ids come in as guests, up to the ceiling. */
  mayNotSpend(id: string, workspace: Workspace): Verdict | undefined {
    const member = this.members.get(id);
    if (member === undefined) {
      const guests = [...this.members.values()].filter((one) => one.isGuest).length;
      const isFull = guests >= workspace.guestsMax;
      return workspace.members === "known" || isFull ? no("unknown_member") : undefined;
    }
    if (this.upwards(id).some((one) => this.members.get(one)?.isActive === false))
      return no("member_inactive");
    return member.isGuest && workspace.members === "known" ? no("unknown_member") : undefined;
  }

  welcome(id: string): void {
    if (!this.members.has(id))
      this.members.set(id, {
        groups: [],
        sponsor: null,
        isActive: true,
        isGuest: true,
        isKey: false,
      });
  }

  useOf(member: string, meter: string | null): Use {
    const path = this.upwards(member);
    const groups = path.flatMap((id) => this.members.get(id)?.groups ?? []);
    return { member, path, groups: [...new Set(groups)], meter };
  }

  /** The member and all that it acts for, near to far. */
  upwards(id: string): string[] {
    const sponsor = this.members.get(id)?.sponsor ?? null;
    return sponsor === null ? [id] : [id, ...this.upwards(sponsor)];
  }
}
