/**
 * Owns the audit of acceptable use: what the events said of policies and of who accepted them is what the kernel knows; an
 * acceptance is of the text that stood; and no call was let through, or extended, that a policy of its path forbids then by meter,
 * model or hours, or before its text was accepted. Hours are read off the clock on the wall by the zone database of now.
 */
import type { Calendar, Event, HoldOpened, Policy, State } from "@cistern/kernel";
import { expect } from "./fault.ts";

/** What the clock on the wall of a zone shows. */
export type WallClock = Pick<Calendar, "sinceMonday">;

type Call = Pick<HoldOpened, "hold" | "at" | "path" | "meter" | "model">;

/** Policies and acceptances, as the events said. Mutable. */
export class PolicyFold {
  readonly #calendar: WallClock;
  #timeZone = "UTC";
  /** What open holds are for, as long as they may be extended. */
  readonly #open = new Map<string, Pick<Call, "meter" | "model">>();
  readonly #policies = new Map<string, Policy>();
  /** Versions by policy and member. */
  readonly #accepted = new Map<string, Map<string, string>>();

  constructor(calendar: WallClock) {
    this.#calendar = calendar;
  }

  fold(event: Event): void {
    switch (event.kind) {
      case "workspace.created":
      case "workspace.updated":
        this.#timeZone = event.workspace.timeZone;
        return;
      case "policy.updated":
        this.#policies.set(event.policy.id, event.policy);
        return;
      case "policy.removed":
        expect(
          this.#policies.delete(event.policy.id),
          "A1 a policy is removed that stood",
          () => event.policy.id,
        );
        this.#accepted.delete(event.policy.id);
        return;
      case "policy.accepted": {
        const { policy, member, text } = event.acceptance;
        const stands = this.#policies.get(policy)?.text ?? null;
        expect(
          stands !== null && stands.version === text.version && stands.hash === text.hash,
          "A2 what is accepted is the text that stands",
          () => `${policy} ${text.version}`,
        );
        const members = this.#accepted.get(policy) ?? new Map<string, string>();
        this.#accepted.set(policy, members.set(member, text.version));
        return;
      }
      case "hold.opened": {
        const { hold, meter, model } = event;
        this.#open.set(hold, { meter, model });
        return this.#check(event);
      }
      case "hold.extended": {
        const call = this.#open.get(event.hold);
        if (call !== undefined) this.#check({ ...event, ...call });
        return;
      }
      case "hold.settled":
        if (event.isFinal) this.#open.delete(event.hold);
        return;
      case "hold.released":
        this.#open.delete(event.hold);
        return;
      case "hold.expired":
        for (const { hold } of event.holds) this.#open.delete(hold);
        return;
      default:
        return;
    }
  }

  /** The kernel has the same. */
  compare({ policies: { policies, acceptances } }: State): void {
    const said = [...this.#policies.values()].map((one) => JSON.stringify(one)).toSorted();
    const known = [...policies.values()].map((one) => JSON.stringify(one)).toSorted();
    expect(said.join() === known.join(), "K6 the kernel knows the same policies", () =>
      said.join(),
    );
    const rows = [...this.#accepted].flatMap(([policy, members]) =>
      [...members].map(([member, version]) => `${policy}|${member}|${version}`),
    );
    const kept = [...acceptances.values()].map(
      ({ policy, member, text }) => `${policy}|${member}|${text.version}`,
    );
    expect(
      rows.toSorted().join() === kept.toSorted().join(),
      "K6 the kernel knows the same acceptances",
      () => rows.join(),
    );
  }

  #check({ hold, at, path, meter, model }: Call): void {
    const answering = path.sponsors.at(-1) ?? path.member;
    for (const { id, scope, text, mustAccept, meters, models, hours } of this.#policies.values()) {
      const binds =
        scope.kind === "workspace" ||
        (scope.kind === "group"
          ? path.groups.includes(scope.id)
          : path.member === scope.id || path.sponsors.includes(scope.id));
      if (!binds) continue;
      expect(
        !mustAccept || this.#accepted.get(id)?.get(answering) === text?.version,
        "A3 who must accept a text has accepted it before a call",
        () => `${hold} under ${id}`,
      );
      expect(
        meters === null || (meter !== null && names(meters, meter)),
        "A4 a policy of the path allows the meter of a call",
        () => `${hold} under ${id}: ${meter}`,
      );
      // A call without a model may be of a meter that has none, which prices say.
      expect(
        models === null || model === null || names(models, model),
        "A4 a policy of the path allows the model of a call",
        () => `${hold} under ${id}: ${model}`,
      );
      expect(
        hours === null || shows(hours, this.#calendar.sinceMonday(at, this.#timeZone)),
        "A5 a policy of the path allows the hour of a call",
        () => `${hold} under ${id} at ${at} in ${this.#timeZone}`,
      );
    }
  }
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Whether a clock that shows so many milliseconds since Monday is inside: of today's hours, or of yesterday's that go on past midnight. */
function shows(hours: NonNullable<Policy["hours"]>, sinceMonday: number): boolean {
  const today = Math.floor(sinceMonday / dayMs) + 1;
  const yesterday = today === 1 ? 7 : today - 1;
  const time = sinceMonday % dayMs;
  return hours.some(({ days, fromMinute, toMinute }) => {
    const [from, to] = [fromMinute * minuteMs, toMinute * minuteMs];
    if (from < to) return days.includes(today) && from <= time && time < to;
    return (days.includes(today) && from <= time) || (days.includes(yesterday) && time < to);
  });
}

const names = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => standsFor(pattern, name));

/** `*` is any text, read from left to right. */
function standsFor(pattern: string, name: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === name;
  if (!name.startsWith(pattern.slice(0, star))) return false;
  const rest = pattern.slice(star + 1);
  for (let from = star; from <= name.length; from += 1)
    if (standsFor(rest, name.slice(from))) return true;
  return false;
}
