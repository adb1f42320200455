/** Random lives of workspaces whose pool is shared: what their members, their owners and time do to them. */
import { type Command, type FairnessPreset, credits, instant, money } from "@cistern/kernel";
import { Chance } from "./chance.ts";

/** A command, and when. */
export interface Step {
  readonly command: Command;
  readonly at: number;
}

const day = 24 * 60 * 60 * 1_000;
const micro = 1_000_000n;

/** When every life begins. */
export const birth: number = Date.UTC(2026, 3, 1);

/** What a life needs to know of the workspace to go on. */
export interface Seen {
  /** Holds that are open. */
  readonly open: readonly string[];
  /** Holds and debits that were charged something. */
  readonly charged: readonly string[];
  /** What a hold set aside. */
  heldBy(hold: string): bigint;
}

/** A life is made of steps, each chosen by chance and by what is there. */
export class Life {
  readonly #chance: Chance;
  readonly #members: string[] = [];
  readonly #groups: readonly string[];
  readonly #preset: FairnessPreset;
  readonly #pool: number;
  readonly #lots: string[] = [];
  readonly #stepMs: number;
  #at = birth;
  #made = 0;

  /** `steps` of them fill some periods of thirty days. */
  constructor(seed: number, { steps, periods = 2.5 }: { steps: number; periods?: number }) {
    this.#chance = new Chance(seed);
    this.#groups = Array.from({ length: this.#chance.below(4) }, (_, index) => `g${index}`);
    this.#preset = this.#chance.pick(["strict", "balanced", "lend_early"] as const) ?? "balanced";
    this.#pool = 500 + this.#chance.below(2_000);
    this.#stepMs = (periods * 30 * day) / steps;
  }

  /** How it begins: people, at times with guarantees, then credits for a period. */
  *begin(): Generator<Step> {
    const at = this.#at;
    yield { command: workspaceOf(this.#preset), at };
    for (const group of this.#groups) yield { command: { kind: "putGroup", group }, at };
    const people = 2 + this.#chance.below(8);
    for (let index = 0; index < people; index += 1) yield { command: this.#joins(), at };
    for (const member of this.#members)
      if (this.#chance.happens(0.2)) yield { command: this.#guarantees(member), at };
    for (const group of this.#groups)
      if (this.#chance.happens(0.3)) yield { command: this.#guaranteesAll(group), at };
    yield { command: this.#grants(this.#pool, 30 * day), at };
  }

  /** What happens next; most calls come in quick succession. */
  next(seen: Seen): Step {
    const chance = this.#chance;
    if (chance.happens(0.2))
      this.#at += Math.floor(-Math.log(1 - chance.fraction()) * 5 * this.#stepMs);
    return { command: this.#chooses(seen), at: this.#at };
  }

  #chooses(seen: Seen): Command {
    const what = this.#chance.below(1_000);
    if (what < 480) return this.#holds();
    if (what < 720) return this.#settles(seen) ?? this.#holds();
    if (what < 760) return this.#releases(seen) ?? this.#holds();
    if (what < 800) return this.#debits();
    if (what < 860) return this.#refunds(seen) ?? this.#debits();
    if (what < 880) return this.#grants(this.#pool / 8, (0.2 + this.#chance.fraction()) * 40 * day);
    if (what < 890) return this.#grants(this.#pool, 30 * day);
    if (what < 910) return this.#joins();
    if (what < 925) return this.#leaves();
    if (what < 945) return this.#revokes();
    if (what < 975) return this.#gives();
    if (what < 982) return this.#guarantees(this.#somebody());
    if (what < 985) return this.#guaranteesAll(this.#chance.pick(this.#groups));
    return { kind: "setReach", member: this.#somebody(), reach: 500 + 500 * this.#chance.below(2) };
  }

  /** Mostly small, now and then a good part of a share. */
  #amount(): bigint {
    const most = (this.#pool / Math.max(1, this.#members.length)) * 1.5;
    return 1n + BigInt(Math.floor(this.#chance.fraction() ** 3 * most * Number(micro)));
  }

  /** The first ask most. */
  #somebody(): string {
    const place = this.#chance.fraction() ** 1.5 * this.#members.length;
    return this.#members[Math.floor(place)] ?? "m0";
  }

  #holds(): Command {
    return {
      kind: "openHold",
      hold: this.#name("hld_"),
      member: this.#somebody(),
      meter: null,
      model: null,
      amount: { kind: "credits", credits: credits(this.#amount()) },
      ttlMs: Math.floor((0.01 + this.#chance.fraction() ** 2 * 0.9) * day),
      run: null,
      project: null,
      attributes: null,
    };
  }

  /** Less than was held, all of it, or more. */
  #settles(seen: Seen): Command | undefined {
    const hold = this.#chance.pick(seen.open);
    if (hold === undefined) return undefined;
    const eighths = this.#chance.pick([0n, 2n, 5n, 7n, 8n, 8n, 8n, 9n, 14n]) ?? 8n;
    return {
      kind: "settleHold",
      hold,
      amount: { kind: "credits", credits: credits((seen.heldBy(hold) * eighths) / 8n) },
      isFinal: this.#chance.happens(0.9),
      outcome: null,
      fingerprint: null,
      recalled: null,
    };
  }

  #releases({ open }: Seen): Command | undefined {
    const hold = this.#chance.pick(open);
    if (hold === undefined) return undefined;
    return { kind: "releaseHold", hold, fingerprint: null, recalled: null };
  }

  #debits(): Command {
    return {
      kind: "debit",
      debit: this.#name("dbt_"),
      member: this.#somebody(),
      meter: null,
      model: null,
      amount: { kind: "credits", credits: credits(this.#amount() / 2n) },
      occurredAt: null,
      run: null,
      project: null,
      attributes: null,
    };
  }

  #refunds({ charged }: Seen): Command | undefined {
    const of = this.#chance.pick(charged.slice(-30));
    if (of === undefined) return undefined;
    const amount = this.#chance.happens(0.5) ? null : credits(1n + this.#amount() / 20n);
    return {
      kind: "refund",
      refund: this.#name("rfd_"),
      of,
      credits: amount,
      reason: null,
      recalled: null,
    };
  }

  #grants(most: number, lastsMs: number): Command {
    const grant = this.#name("grt_");
    this.#lots.push(grant);
    return {
      kind: "grant",
      grant,
      credits: credits(BigInt(Math.ceil(most * (0.5 + this.#chance.fraction()))) * micro),
      source: this.#chance.happens(0.8) ? "purchase" : "promotion",
      cost: money(1_000n),
      currency: null,
      priority: 50,
      effectiveAt: null,
      expiresAt: instant(this.#at + Math.floor(lastsMs)),
      appliesTo: null,
      reference: null,
    };
  }

  #joins(): Command {
    const sponsor = this.#chance.happens(0.3) ? this.#chance.pick(this.#members) : undefined;
    const home = sponsor === undefined ? this.#chance.pick([null, ...this.#groups]) : null;
    const member = `m${this.#members.length}`;
    this.#members.push(member);
    return {
      kind: "putMember",
      member,
      memberKind: sponsor === undefined ? "person" : this.#chance.happens(0.5) ? "key" : "agent",
      groups: home === null || home === undefined ? [] : [home],
      home: home ?? null,
      sponsor: sponsor ?? null,
    };
  }

  #leaves(): Command {
    return { kind: "deactivateMember", member: this.#somebody() };
  }

  #revokes(): Command {
    const grant = this.#chance.pick(this.#lots) ?? "none";
    const amount = this.#chance.happens(0.9) ? credits(this.#amount() / 10n) : null;
    return { kind: "revoke", grant, credits: amount };
  }

  #gives(): Command {
    return {
      kind: "giftReserve",
      gift: this.#name("gft_"),
      from: this.#somebody(),
      to: this.#somebody(),
      credits: credits(this.#amount() / 10n),
    };
  }

  #guarantees(member: string): Command {
    const most = this.#pool / Math.max(4, this.#members.length * 2);
    const amount = BigInt(Math.floor(this.#chance.fraction() * most)) * micro;
    return { kind: "setGuarantee", member, credits: credits(amount) };
  }

  /** Of a group, if there is one: often more than its members' shares, and at times more than all have. */
  #guaranteesAll(group: string | undefined): Command {
    if (group === undefined) return this.#guarantees(this.#somebody());
    const most = this.#pool * (this.#chance.pick([0.3, 0.6, 1.5] as const) ?? 0.3);
    const amount = BigInt(Math.floor(this.#chance.fraction() * most)) * micro;
    return { kind: "setGroupGuarantee", group, credits: credits(amount) };
  }

  #name(stem: string): string {
    this.#made += 1;
    return `${stem}${String(this.#made).padStart(6, "0")}`;
  }
}

const workspaceOf = (preset: FairnessPreset): Command => ({
  kind: "createWorkspace",
  workspace: {
    id: "team",
    timeZone: "UTC",
    currency: "EUR",
    overage: { kind: "deny" },
    overrun: "draw_more_then_debt",
    members: "open",
    guestsMax: 10,
    fairness: { preset },
  },
});
