/**
 * Owns the watch over one workspace: a fold over its events, that tells what is to be raised and what is to be done.
 *
 * W1 the same events from the same rows give the same crossings, whoever folds them. W2 what happened before a rule stood is learned
 * from and not told. W3 it reads nothing: rows of spenders are handed in (`spendersIn`), and so is the use of caps (`capsOf`).
 */
import {
  type AlertFinding,
  type AlertRaised,
  type AlertReviewed,
  type AlertSubject,
  type Calendar,
  type Event,
  type Instant,
  type Position,
  type UnusualSign,
  credits,
} from "@cistern/kernel";
import {
  burstOfJoins,
  burstOfShortLives,
  burstOfSponsored,
  counted,
  isShortLife,
} from "./arrivals.ts";
import type { Crossing } from "./crossing.ts";
import { forecastCrossings, spentOn, withPeriod } from "./forecast.ts";
import { type Graded, gradeOf } from "./grading.ts";
import { callBegan, callEnded, dayLearned, signsOf, usedBy } from "./key-habits.ts";
import { noNewcomers } from "./newcomers.ts";
import { poolAfter, poolCrossings } from "./pool-use.ts";
import { quantile } from "./quantile.ts";
import { type Spent, asAmount, spentIn } from "./spent.ts";
import {
  type Finding,
  type Observed,
  acceptAsUsual,
  activeHours,
  meanDay,
  observe,
} from "./unusual-use.ts";
import { type Spender, type WatchedWorkspace, unknownSpender } from "./watched.ts";

/** What is to be done about a member, because of an alert. */
export type Measure = { readonly member: string; readonly alert: string } & (
  | { readonly kind: "lower" | "pause" }
  /** What its reach is to be again; null where no alert lowered it, or somebody has set it since. */
  | { readonly kind: "restore"; readonly reach: number | null }
);

type Terms = Extract<Event, { readonly kind: "member_terms.updated" }>["terms"];

const hourMs = 60 * 60 * 1_000;
const quarterMs = hourMs / 4;
const hoursOfDay = 24;
const signsQuietDays = 7;
const daysKept = 28;
const heavyShare = 0.9;

/** See the file head. `spenders` must have the rows of all that `spendersIn` names; the watch changes them and says which. */
export class WorkspaceWatch {
  state: WatchedWorkspace;
  readonly spenders: Map<string, Spender>;
  readonly changed = new Set<string>();
  readonly #calendar: Calendar;
  /** The day of the last quarter of an hour: zones differ by quarters, and a day is dear to find. */
  #today = { quarter: -1, day: 0 };
  #crossings: Crossing[] = [];
  #measures: Measure[] = [];

  constructor(state: WatchedWorkspace, spenders: Map<string, Spender>, calendar: Calendar) {
    this.state = state;
    this.spenders = spenders;
    this.#calendar = calendar;
  }

  /** Takes one event in. */
  fold(event: Event, position: Position): void {
    this.#settings(event);
    const pool = poolAfter(this.state.pool, event, position);
    this.state = { ...this.state, pool, outlook: withPeriod(this.state.outlook, event) };
    if ("balance" in event) {
      const told = poolCrossings(pool, this.state.rules, this.state.id);
      this.state = { ...this.state, pool: told.pool };
      this.#crossings.push(...told.crossings);
    }
    this.#calls(event);
    const spent = spentIn(event);
    if (spent !== undefined) this.#spend(spent, position);
    if (event.kind === "member.deactivated") this.#leave(event.member.id, event.at, position);
    if (event.kind === "member_terms.updated") this.#reach(event.terms);
    if (event.kind === "alert.raised") this.#raised(event);
    if (event.kind === "alert.reviewed") this.#reviewed(event);
  }

  /** What is to be raised since the last call, in order. */
  takeCrossings(): readonly Crossing[] {
    const crossings = this.#crossings;
    this.#crossings = [];
    return crossings;
  }

  /** What is to be done since the last call, in order. */
  takeMeasures(): readonly Measure[] {
    const measures = this.#measures;
    this.#measures = [];
    return measures;
  }

  #settings(event: Event): void {
    if (event.kind === "workspace.created" || event.kind === "workspace.updated") {
      const { id, timeZone } = event.workspace;
      this.state = { ...this.state, id, timeZone };
      this.#today = { quarter: -1, day: 0 };
    }
    if (event.kind === "alert_rule.updated" || event.kind === "alert_rule.removed") {
      const others = this.state.rules.filter(({ id }) => id !== event.rule.id);
      const rules = event.kind === "alert_rule.updated" ? [...others, event.rule] : others;
      this.state = { ...this.state, rules };
    }
    if (event.kind === "member.updated")
      this.#put(event.member.id, { ...this.#spender(event.member.id), kind: event.member.kind });
  }

  #calls(event: Event): void {
    switch (event.kind) {
      case "hold.opened":
        this.#turnDay(event.path.member, this.#dayOf(event.at));
        return this.#habits(event.path.member, callBegan);
      case "hold.released":
        return this.#habits(event.path.member, callEnded);
      case "hold.settled":
        return event.isFinal && !event.isLate
          ? this.#habits(event.path.member, callEnded)
          : undefined;
      case "hold.expired":
        for (const { member } of event.holds) this.#habits(member, callEnded);
        return undefined;
      default:
        return undefined;
    }
  }

  #spend(spent: Spent, position: Position): void {
    const day = this.#dayOf(spent.at);
    const use = { hour: Math.floor(spent.at / hourMs), day, credits: asAmount(spent.credits) };
    this.#lookAhead(spent, use);
    this.#turnDay(spent.member, day);
    const before = this.#spender(spent.member);
    const isNew = before.usual === null;
    const isFirstToday = before.usual === null || before.usual.day < day;
    const observed = observe(before.usual ?? undefined, this.state.newcomers, use);
    const habits = usedBy(before.habits, { ...spent, credits: use.credits });
    this.state = { ...this.state, newcomers: observed.newcomers };
    this.#put(spent.member, { ...before, usual: observed.usual, habits });
    this.#count(day, isFirstToday);
    this.#toldOfMember(spent.member, observed, { day, position });
    this.#join(spent, { isNew, day, credits: use.credits, position });
    this.#whole(use, position);
  }

  /** The first call of a day closes the one before; a day without use teaches nothing. */
  #turnDay(member: string, day: number): void {
    const spender = this.#spender(member);
    const { habits, usual } = spender;
    if (day <= habits.day) return;
    const hasUse = usual !== null && usual.day === habits.day;
    const turned = hasUse
      ? dayLearned(habits, day, Math.min(hoursOfDay, activeHours(usual)))
      : { ...habits, day, openPeak: habits.open };
    this.#put(member, { ...spender, habits: turned });
  }

  /** The first use of each hour looks ahead. */
  #lookAhead(spent: Spent, { hour, day }: { readonly hour: number; readonly day: number }): void {
    const { pool, rules, id } = this.state;
    const outlook = spentOn(this.state.outlook, day, spent.credits);
    const monthEnd = () => this.#calendar.window("month", spent.at, this.state.timeZone).end;
    const told = forecastCrossings(outlook, { at: spent.at, hour, monthEnd }, pool, rules, id);
    this.state = { ...this.state, outlook: told.outlook };
    this.#crossings.push(...told.crossings);
  }

  #toldOfMember(
    member: string,
    { usual, finding }: Observed,
    { day, position }: { readonly day: number; readonly position: Position },
  ): void {
    const spender = this.#spender(member);
    const mean = meanDay(usual) ?? Number.POSITIVE_INFINITY;
    const signs = signsOf(spender.habits, { meanDay: mean, activeHours: activeHours(usual) });
    const subject = { kind: "member", id: member } as const;
    if (finding !== undefined)
      return this.#unusual(subject, findingOf(finding, signs), spender.kind, position);
    const { signsTold } = spender;
    const isQuiet = day < signsTold.day + signsQuietDays && signs.length <= signsTold.count;
    if (signs.length === 0 || isQuiet) return undefined;
    this.#put(member, { ...spender, signsTold: { day, count: signs.length } });
    const seen = inCredits(usual.dayTotal);
    const strange = { kind: "unusual", rule: "key", seen, usual: inCredits(mean) } as const;
    const told = { ...strange, bound: null, score: null, signs };
    return this.#unusual(subject, told, spender.kind, position);
  }

  /** All together; without more members than usual it says so. */
  #whole(use: Parameters<typeof observe>[2], position: Position): void {
    const { usual, finding } = observe(this.state.usual ?? undefined, noNewcomers, use);
    this.state = { ...this.state, usual };
    if (finding === undefined) return;
    const usualMembers = quantile(this.state.activeOfDays, heavyShare) ?? 0;
    const signs: UnusualSign[] =
      this.state.activeToday.count <= usualMembers ? ["no_new_members"] : [];
    const subject = { kind: "workspace", id: this.state.id } as const;
    this.#unusual(subject, findingOf(finding, signs), "person", position);
  }

  #join(
    { sponsor }: Spent,
    first: {
      readonly isNew: boolean;
      readonly day: number;
      readonly credits: number;
      readonly position: Position;
    },
  ): void {
    if (!first.isNew) return;
    const { day, position } = first;
    const one = { count: 1, credits: first.credits };
    this.state = { ...this.state, joins: counted(this.state.joins, day, one) };
    const { usual, id } = this.state;
    const known = { daysKnown: usual?.days.length ?? 0, meanDay: this.#meanDay() };
    const joined = burstOfJoins(this.state.joins, day, known);
    const workspace = { kind: "workspace", id } as const;
    if (joined !== undefined) this.#burst("joins", workspace, joined, { day, position });
    if (sponsor === null) return;
    const before = this.#spender(sponsor);
    const sponsored = counted(before.sponsored, day, one);
    this.#put(sponsor, { ...before, sponsored });
    const many = burstOfSponsored(sponsored, day);
    if (many !== undefined)
      this.#burst("sponsor", { kind: "member", id: sponsor }, many, { day, position });
  }

  #leave(member: string, at: Instant, position: Position): void {
    const { usual } = this.#spender(member);
    if (usual === null) return;
    const day = this.#dayOf(at);
    if (!isShortLife(usual.firstDay, day)) return;
    const spent = usual.dayTotal + usual.days.reduce((sum, one) => sum + one, 0);
    const shortLived = counted(this.state.shortLived, day, { count: 1, credits: spent });
    this.state = { ...this.state, shortLived };
    const many = burstOfShortLives(shortLived, day, this.#meanDay());
    const workspace = { kind: "workspace", id: this.state.id } as const;
    if (many !== undefined) this.#burst("short_lived", workspace, many, { day, position });
  }

  #burst(
    rule: "joins" | "sponsor" | "short_lived",
    subject: AlertSubject,
    { credits: seen }: { readonly credits: number },
    { day, position }: { readonly day: number; readonly position: Position },
  ): void {
    const name = `${rule} ${subject.id}`;
    if (this.state.toldOn[name] === day) return;
    const today = Object.entries(this.state.toldOn).filter(([, one]) => one === day);
    this.state = { ...this.state, toldOn: { ...Object.fromEntries(today), [name]: day } };
    const usual = inCredits(Math.min(this.#meanDay(), Number.MAX_SAFE_INTEGER));
    const told = { kind: "unusual", rule, seen: inCredits(seen), usual, bound: null } as const;
    this.#unusual(subject, { ...told, score: null, signs: [] }, "person", position);
  }

  #unusual(
    subject: AlertSubject,
    finding: Extract<AlertFinding, { readonly kind: "unusual" }>,
    kind: Graded["kind"],
    { seq, index }: Position,
  ): void {
    const graded: Graded = {
      rule: finding.rule,
      subject: subject.kind === "member" ? "member" : "workspace",
      kind,
      seen: Number(finding.seen),
      bound: finding.bound === null ? null : Number(finding.bound),
      signs: finding.signs,
    };
    for (const { id: rule, watch } of this.state.rules)
      if (watch.kind === "unusual") {
        const key = `${rule}:unusual:${seq}.${index}:${finding.rule}:${subject.id}`;
        this.#crossings.push({ rule, key, subject, finding, grade: gradeOf(graded, watch.most) });
      }
  }

  #raised({ alert: { id: alert, grade, subject } }: AlertRaised): void {
    if (subject.kind !== "member" || (grade !== "lower" && grade !== "pause")) return;
    this.#measures.push({ kind: grade, member: subject.id, alert });
    const spender = this.#spender(subject.id);
    if (grade === "lower" && spender.lowered === "no")
      this.#put(subject.id, { ...spender, lowered: "asked" });
  }

  /** A reach that an alert has lowered is somebody's own again from when it is set to more. */
  #reach({ member, reach }: Terms): void {
    const spender = this.#spender(member);
    const { lowered } = spender;
    if (lowered !== "no" && reach === 0) this.#put(member, { ...spender, lowered: "done" });
    else this.#put(member, { ...spender, reach, lowered: lowered === "asked" ? lowered : "no" });
  }

  #reviewed({ alert, verdict }: AlertReviewed): void {
    const { subject, finding, grade } = alert;
    if (verdict !== "fine" || subject.kind !== "member") return;
    const known = this.#spender(subject.id);
    const spender: Spender = { ...known, lowered: "no" };
    if (known.lowered !== "no") this.#put(subject.id, spender);
    if (grade === "lower" || grade === "pause") {
      const reach = known.lowered === "no" ? null : known.reach;
      this.#measures.push({ kind: "restore", member: subject.id, alert: alert.id, reach });
    }
    if (finding.kind !== "unusual" || spender.usual === null) return;
    const isOfDay = finding.rule === "day" || finding.rule === "newcomer";
    if (!isOfDay) return;
    const usual = acceptAsUsual(spender.usual, asAmount(finding.seen));
    this.#put(subject.id, { ...spender, usual });
  }

  #count(day: number, isFirstToday: boolean): void {
    const { activeToday, activeOfDays } = this.state;
    const isSameDay = activeToday.day === day;
    const over = isSameDay || activeToday.day < 0 ? [] : [activeToday.count];
    this.state = {
      ...this.state,
      activeOfDays: [...activeOfDays, ...over].slice(-daysKept),
      activeToday: { day, count: (isSameDay ? activeToday.count : 0) + Number(isFirstToday) },
    };
  }

  #dayOf(at: Instant): number {
    const quarter = Math.floor(at / quarterMs);
    if (this.#today.quarter !== quarter)
      this.#today = { quarter, day: this.#calendar.dayNumber(at, this.state.timeZone) };
    return this.#today.day;
  }

  #meanDay(): number {
    const { usual } = this.state;
    return (usual === null ? undefined : meanDay(usual)) ?? Number.POSITIVE_INFINITY;
  }

  #habits(member: string, change: (habits: Spender["habits"]) => Spender["habits"]): void {
    const spender = this.#spender(member);
    this.#put(member, { ...spender, habits: change(spender.habits) });
  }

  #spender(id: string): Spender {
    return this.spenders.get(id) ?? unknownSpender;
  }

  #put(id: string, spender: Spender): void {
    this.spenders.set(id, spender);
    this.changed.add(id);
  }
}

function findingOf(
  finding: Finding,
  signs: readonly UnusualSign[],
): Extract<AlertFinding, { readonly kind: "unusual" }> {
  const told = {
    kind: "unusual",
    rule: finding.rule,
    seen: inCredits(finding.seen),
    usual: inCredits(finding.usual),
    signs,
  } as const;
  return finding.rule === "pace"
    ? { ...told, bound: null, score: Math.round(finding.z * 1_000) }
    : { ...told, bound: inCredits(finding.bound), score: null };
}

const microPerCredit = 1_000_000;

/** A statistic as credits, for words: it is not more than can be told. */
const inCredits = (amount: number) =>
  credits(BigInt(Math.round(Math.min(amount, 1e9) * microPerCredit)));
