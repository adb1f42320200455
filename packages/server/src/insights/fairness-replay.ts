/**
 * Owns the replay of a past period under every preset: who would have been refused, and what would have been left, against what really
 * happened (docs/decisions/0042).
 *
 * P1 demand is what was let through, in the credits that it came to, and what was refused for the pool's sake; of the latter the hour,
 * the number and the sum are known, so it is spread evenly over its hour in equal parts. P2 the same facts give the same report.
 */
import {
  type Event,
  type FairnessPreset,
  type Instant,
  type State,
  fairnessPresets,
  instant,
} from "@cistern/kernel";
import {
  type AroundAt,
  type MemberOutcome,
  add,
  count,
  type RefusedAsk,
  ReplayLane,
  type Tally,
  isDenial,
  outcomeIn,
} from "./replay-lane.ts";
import { commandsBehind } from "./replayed-commands.ts";

/** Refusals of one member in one hour with one code, as they were counted. */
export interface RefusedInHour {
  readonly hour: number;
  readonly member: string;
  readonly code: string;
  readonly calls: number;
  readonly credits: bigint;
}

/** What one way of sharing did, or would have done. */
export interface ReplayOutcome {
  readonly asked: Readonly<Tally>;
  readonly denied: Readonly<Tally>;
  readonly limited: Readonly<Tally>;
  readonly used: bigint;
  /** Left in the pool at the end of the period. */
  readonly idle: bigint;
  /** Of members who asked for at most their fair share. */
  readonly light: { readonly asked: Readonly<Tally>; readonly denied: Readonly<Tally> };
  readonly members: readonly ReplayedMember[];
}

/** One member under it. */
export interface ReplayedMember {
  readonly member: string;
  readonly asked: Readonly<Tally>;
  readonly denied: Readonly<Tally>;
  readonly limited: Readonly<Tally>;
  readonly used: bigint;
}

/** What a replay came to. */
export interface FairnessReport {
  /** What really was; its refusals as they were counted. */
  readonly happened: ReplayOutcome;
  readonly policies: readonly (ReplayOutcome & { readonly preset: FairnessPreset })[];
  /** Facts that could not be asked again, by kind. */
  readonly leftOut: readonly { readonly kind: string; readonly count: number }[];
  /** Of the demand: what was refused, and is known by the hour alone. */
  readonly refused: Readonly<Tally>;
}

const hourMs = 3_600_000;
/** More calls of one count than this are asked as this many, with the same sum. */
const asksMax = 60;

/** See the file head. Facts are added in their order. */
export class FairnessReplay {
  readonly #lanes: readonly ReplayLane[];
  readonly #asks: readonly RefusedAsk[];
  readonly #happened = new Map<string, MemberOutcome>();
  readonly #leftOut = new Map<string, number>();
  readonly #refused: Tally = { calls: 0, credits: 0n };
  #asked = 0;

  constructor(
    start: {
      readonly state: State;
      readonly seq: number;
      readonly at: Instant;
      /** Where the period ends, or what is known of it. */
      readonly to: Instant;
    },
    refused: readonly RefusedInHour[],
    around: AroundAt,
  ) {
    this.#lanes = fairnessPresets.map((preset) => new ReplayLane(preset, start, around));
    const denied = refused.filter(({ code, calls }) => isDenial(code) && calls > 0);
    this.#asks = denied
      .flatMap((one) => asksOf(one, start))
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const { member, code, calls, credits } of refused) {
      const outcome = outcomeIn(this.#happened, member);
      const tallies = isDenial(code)
        ? [this.#refused, outcome.asked, outcome.denied]
        : [outcome.limited];
      for (const tally of tallies) add(tally, credits, calls);
    }
  }

  /** The next fact of the period, in steps: between two of them others may be served. */
  *add(event: Event): Generator<void> {
    yield* this.upTo(event.at);
    if (commandsBehind(event) === "left_out")
      this.#leftOut.set(event.kind, (this.#leftOut.get(event.kind) ?? 0) + 1);
    count(this.#happened, event);
    for (const lane of this.#lanes) {
      lane.follow(event);
      yield;
    }
  }

  /** Asks what was refused up to an instant, in steps. */
  *upTo(at: Instant): Generator<void> {
    for (;;) {
      const next = this.#asks[this.#asked];
      if (next === undefined || next.at > at) return;
      this.#asked += 1;
      for (const lane of this.#lanes) {
        lane.askAgain(next);
        yield;
      }
    }
  }

  /** What it came to, at the last instant of the period, up to which all was asked, and when the pool really had so much left. */
  report(last: Instant, left: bigint): FairnessReport {
    const idle = this.#lanes.map((lane) => lane.idleAt(last));
    const sharing = this.#lanes.find(({ preset }) => preset === "balanced");
    const shareOf = (member: string): bigint => sharing?.shareOf(member, last) ?? 0n;
    return {
      happened: outcomeOf(this.#happened, { idle: left, shareOf }),
      policies: this.#lanes.map((lane, place) => ({
        preset: lane.preset,
        ...outcomeOf(lane.members, { idle: idle[place] ?? 0n, shareOf }),
      })),
      leftOut: [...this.#leftOut].map(([kind, facts]) => ({ kind, count: facts })),
      refused: this.#refused,
    };
  }
}

/** Equal parts in equal steps through the hour, or what of it is in the period (P1). */
function asksOf(
  { hour, member, code, calls, credits }: RefusedInHour,
  period: { readonly at: Instant; readonly to: Instant },
): RefusedAsk[] {
  const parts = Math.min(calls, asksMax);
  const begin = Math.max(hour, period.at);
  const stepMs = (Math.min(hour + hourMs, period.to) - begin) / (parts + 1);
  const each = credits / BigInt(parts);
  return Array.from({ length: parts }, (_, place) => ({
    at: instant(begin + Math.floor(stepMs * (place + 1))),
    id: `hld_refused_${hour}_${member}_${code}_${place}`,
    member,
    credits: place === 0 ? credits - each * BigInt(parts - 1) : each,
  }));
}

function outcomeOf(
  members: ReadonlyMap<string, MemberOutcome>,
  { idle, shareOf }: { idle: bigint; shareOf: (member: string) => bigint },
): ReplayOutcome {
  const sum = (of: (one: MemberOutcome) => Tally): Tally => {
    const tally: Tally = { calls: 0, credits: 0n };
    for (const one of members.values()) {
      tally.calls += of(one).calls;
      tally.credits += of(one).credits;
    }
    return tally;
  };
  const light = { asked: { calls: 0, credits: 0n }, denied: { calls: 0, credits: 0n } };
  let used = 0n;
  for (const [member, one] of members) {
    used += one.used;
    if (one.asked.credits > shareOf(member)) continue;
    add(light.asked, one.asked.credits, one.asked.calls);
    add(light.denied, one.denied.credits, one.denied.calls);
  }
  return {
    asked: sum(({ asked }) => asked),
    denied: sum(({ denied }) => denied),
    limited: sum(({ limited }) => limited),
    used,
    idle,
    light,
    members: [...members]
      .map(([member, one]) => ({ member, ...one }))
      .toSorted(
        (a, b) =>
          Number(b.denied.credits - a.denied.credits) ||
          Number(b.asked.credits - a.asked.credits) ||
          (a.member < b.member ? -1 : 1),
      ),
  };
}
