/** A workspace that shares its pool, driven through the front door. */
import assert from "node:assert/strict";
import {
  type Command,
  type Decision,
  type Event,
  type FairnessSetting,
  type MemberShare,
  type Rejection,
  type Workspace,
  instant,
  memberShare,
} from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { createWorkspace, day, grant, member, noon, open } from "../scenario/commands.ts";

/** A period of a pool that nothing renews: a month from noon of 5 January. */
export const periodMs: number = 31 * day;
/** One of its 720 ticks. */
export const tickMs: number = periodMs / 720;

/** See the file head. Instants are milliseconds after the start. */
export class Team {
  readonly journal: Journal = new Journal();
  #at: number = noon;

  constructor(settings: Partial<Workspace> = {}) {
    this.run(createWorkspace(settings));
  }

  /** Waits. */
  later(ms: number): this {
    this.#at += ms;
    return this;
  }

  get at(): number {
    return this.#at;
  }

  decide(command: Command): Decision {
    return this.journal.run(command, this.#at);
  }

  run(...commands: readonly Command[]): Event {
    let event: Event | undefined;
    for (const command of commands) {
      const decision = this.decide(command);
      assert(decision.kind === "accepted", `${command.kind}: ${JSON.stringify(decision, text)}`);
      event = decision.event;
    }
    assert(event !== undefined, "something is run");
    return event;
  }

  refused(command: Command): Rejection {
    const decision = this.decide(command);
    assert(decision.kind === "rejected", `${command.kind} is refused`);
    return decision.rejection;
  }

  share(id: string): MemberShare {
    this.journal.pass(this.#at);
    const share = memberShare(this.journal.state, id, instant(this.#at));
    assert(share !== undefined, "the pool is shared");
    return share;
  }
}

/** Members of a team that shares so many credits by a preset. */
export function team(
  ids: readonly string[],
  credits: number,
  fairness: FairnessSetting = { preset: "balanced" },
  settings: Partial<Workspace> = {},
): Team {
  const it = new Team({ fairness, ...settings });
  for (const id of ids) it.run(member(id));
  it.run(grant("grt_1", credits));
  return it;
}

let holds = 0;
/** A hold of somebody. */
export const ask = (id: string, amount: number, ttlMs: number = day): Command =>
  open(`hld_f${(holds += 1)}`, amount, { member: id, ttlMs });

/** The numbers of a share as whole micro-credits. */
export const numbersOf = ({
  share,
  used,
  reserved,
  faded,
  fromPot,
  potLeft,
  open: most,
}: MemberShare) => ({
  share: Number(share),
  used: Number(used),
  reserved: Number(reserved),
  faded: Number(faded),
  fromPot: Number(fromPot),
  potLeft: Number(potLeft),
  open: Number(most),
});

const text = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
