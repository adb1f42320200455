import type { Event, Member, Path, Workspace } from "@cistern/kernel";
import { demand } from "./accounts.ts";

interface MemberRecord {
  readonly groups: readonly string[];
  readonly sponsor: string | null;
  readonly isActive: boolean;
  readonly isGuest: boolean;
  readonly isKey: boolean;
}

/** Who may spend, and where it counts, as the events said. Mutable. */
export class People {
  readonly #members = new Map<string, MemberRecord>();
  readonly #groups = new Set<string>();
  readonly #leads = new Map<string, readonly string[]>();

  note(event: Event): void {
    if (event.kind === "group.updated") {
      this.#groups.add(event.group.id);
      this.#leads.set(event.group.id, event.group.leads ?? []);
    }
    const comesIn = event.kind === "policy.accepted" || event.kind === "run.opened";
    if (comesIn && event.guest !== null) {
      const { id } = event.guest;
      demand(!this.#members.has(id), () => `${id} comes in though it is there`);
      this.#members.set(id, {
        groups: [],
        sponsor: null,
        isActive: true,
        isGuest: true,
        isKey: false,
      });
    }
    if (event.kind === "member.updated") this.#put(event.member);
    if (event.kind !== "member.deactivated") return;
    const ended = [...this.#members].flatMap(([id, one]) =>
      one.isKey && one.isActive && this.#chain(id).slice(1).includes(event.member.id) ? [id] : [],
    );
    const said = (event.keys ?? []).map(({ member }) => member.id);
    const isSame = said.join() === ended.toSorted().join();
    demand(isSame, () => `the keys of ${event.member.id} are ${ended.join()}, not ${said.join()}`);
    for (const { member } of [event, ...(event.keys ?? [])]) this.#put(member);
  }

  #put({ id, groups, sponsor, status, isGuest, kind }: Member): void {
    for (const group of groups)
      demand(this.#groups.has(group), () => `${id} is in group ${group}, which does not exist`);
    const isActive = status === "active";
    this.#members.set(id, { groups, sponsor, isActive, isGuest, isKey: kind === "key" });
  }

  /** A call of this path, and whether it brought a guest along. `isAsked`: it could have been refused. */
  checkPath(path: Path, guest: string | null, workspace: Workspace, isAsked: boolean): void {
    const { member } = path;
    const isNew = !this.#members.has(member);
    demand(isNew === (guest !== null), () => `${member} is ${isNew ? "new" : "known"} already`);
    if (isNew) {
      demand(workspace.members === "open", () => `${member} came in though only known members may`);
      const guests = [...this.#members.values()].filter((one) => one.isGuest).length;
      demand(guests < workspace.guestsMax, () => `${member} is one guest too many`);
      const guestRecord = {
        groups: [],
        sponsor: null,
        isActive: true,
        isGuest: true,
        isKey: false,
      };
      this.#members.set(member, guestRecord);
    }
    const chain = this.#chain(member);
    const groups = [...new Set(chain.flatMap((id) => this.#members.get(id)?.groups ?? []))];
    const expected = JSON.stringify([chain, groups]);
    const stated = JSON.stringify([[member, ...path.sponsors], path.groups]);
    demand(expected === stated, () => `the path of ${member} is ${expected}, not ${stated}`);
    if (isAsked) this.checkActive(member, workspace);
  }

  /** Who asks for credits must be active, and so must whoever it acts for. */
  checkActive(member: string, workspace: Workspace): void {
    demand(workspace.status === "active", () => `${member} spends in a suspended workspace`);
    for (const id of this.#chain(member))
      demand(this.#members.get(id)?.isActive === true, () => `${id} is inactive and spends`);
  }

  /** All groups on the path of a member, known or not. */
  groupsOf(member: string): readonly string[] {
    return [...new Set(this.#chain(member).flatMap((id) => this.#members.get(id)?.groups ?? []))];
  }

  /** Who may answer a request of a member, beside owners: whoever leads one of its groups, but not for itself or who acts for it. */
  leads(by: string, member: string): readonly string[] {
    if (this.#chain(member).includes(by)) return [];
    return this.groupsOf(member).filter((id) => this.#leads.get(id)?.includes(by) === true);
  }

  isGone(id: string): boolean {
    return this.#members.get(id)?.isActive === false;
  }

  /** Who has a part of what is split: persons and what nobody sponsors, that are there and no guests. */
  present(group: string | null): readonly string[] {
    return [...this.#members]
      .filter(([, one]) => one.isActive && !one.isGuest && one.sponsor === null)
      .filter(([, { groups }]) => group === null || groups.includes(group))
      .map(([id]) => id)
      .toSorted();
  }

  #chain(member: string): string[] {
    const chain = [member];
    let next = this.#members.get(member)?.sponsor ?? null;
    while (next !== null && chain.length <= 8) {
      chain.push(next);
      next = this.#members.get(next)?.sponsor ?? null;
    }
    return chain;
  }
}
