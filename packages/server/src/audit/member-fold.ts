/**
 * Owns the audit of members (M1 to M3 of the kernel): who is there, for whom each acts, and who may spend, by what the events said.
 *
 * M2 nobody opens a hold who is inactive, or who acts for somebody that is. M3 the keys that act for a member end with it.
 */
import type { Event, Member, State } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** Members as the events said. Mutable. */
export class MemberFold {
  readonly #members = new Map<string, Member>();

  fold(event: Event): void {
    if (event.kind === "hold.opened") this.#checkActive(event.path.member);
    if ("guest" in event && event.guest !== null) this.#members.set(event.guest.id, event.guest);
    if (event.kind === "member.updated") this.#members.set(event.member.id, event.member);
    if (event.kind !== "member.deactivated") return;
    const said = (event.keys ?? []).map(({ member }) => member);
    const expected = [...this.#members.values()].filter((one) =>
      this.#endsWith(one, event.member.id),
    );
    expect(
      said.map(({ id }) => id).join() ===
        expected
          .map(({ id }) => id)
          .toSorted()
          .join(),
      "M3 the keys that act for a member end with it",
      () => `${event.member.id}: ${said.map(({ id }) => id).join()}`,
    );
    for (const one of [event.member, ...said]) {
      expect(one.status === "inactive", "M3 who is deactivated is inactive", () => one.id);
      this.#members.set(one.id, one);
    }
  }

  /** The kernel has the same. */
  compare({ members: { members } }: State): void {
    for (const { id, status, sponsor } of members.values()) {
      const known = this.#members.get(id);
      expect(
        known?.status === status && known.sponsor === sponsor,
        "K6 the kernel knows the same members",
        () => id,
      );
    }
    expect(
      members.size === this.#members.size,
      "K6 the kernel knows as many members",
      () => `${members.size}`,
    );
  }

  #endsWith({ id, kind, status }: Member, sponsor: string): boolean {
    return kind === "key" && status === "active" && this.#chain(id).slice(1).includes(sponsor);
  }

  #checkActive(id: string): void {
    const inactive = this.#chain(id).find((one) => this.#members.get(one)?.status === "inactive");
    expect(inactive === undefined, "M2 who spends is active, and so is its sponsor", () => id);
  }

  #chain(id: string): readonly string[] {
    const chain: string[] = [];
    for (let one: string | null = id; one !== null && !chain.includes(one);) {
      chain.push(one);
      one = this.#members.get(one)?.sponsor ?? null;
    }
    return chain;
  }
}
