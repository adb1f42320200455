/**
 * Owns what acceptable use lets through, read from the events alone: every approval is of a meter and a model that all policies of
 * its path list, at a minute that all of them have, and of somebody who has accepted the texts that must be.
 */
import type { Event, Path, Policy, WeeklyHours } from "@cistern/kernel";
import { demand } from "./accounts.ts";

/** An approval, as policies look at it; of an extension the model is not known. */
interface Approved {
  readonly hold: string;
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null | undefined;
  readonly at: number;
}

/** Mutable: one for each timeline. */
export class Policies {
  readonly #policies = new Map<string, Policy>();
  /** `member version hash` by policy; only the last of a member counts. */
  readonly #accepted = new Map<string, Map<string, string>>();

  note(event: Event): void {
    if (event.kind === "policy.updated") {
      const { id, text } = event.policy;
      const before = this.#policies.get(id)?.text ?? null;
      const isOne = before?.version !== text?.version || before?.hash === text?.hash;
      demand(isOne, () => `version ${text?.version} of policy ${id} is two texts`);
      this.#policies.set(id, event.policy);
    }
    if (event.kind === "policy.removed") {
      demand(this.#policies.delete(event.policy.id), () => `${event.policy.id} never stood`);
      this.#accepted.delete(event.policy.id);
    }
    if (event.kind !== "policy.accepted") return;
    const { policy, member, text, at } = event.acceptance;
    const stands = this.#policies.get(policy)?.text;
    const isThat = stands?.version === text.version && stands.hash === text.hash;
    demand(isThat && at === event.at, () => `${member} accepts what ${policy} does not say`);
    const members = this.#accepted.get(policy) ?? new Map<string, string>();
    this.#accepted.set(policy, members.set(member, text.version));
  }

  approve({ hold, path, meter, model, at }: Approved): void {
    const nodes = new Set([
      "workspace ",
      ...[path.member, ...path.sponsors].map((id) => `member ${id}`),
      ...path.groups.map((id) => `group ${id}`),
    ]);
    const who = [path.member, ...path.sponsors].at(-1) ?? "";
    for (const { id, scope, meters, models, hours, text, mustAccept } of this.#policies.values()) {
      if (!nodes.has(`${scope.kind} ${"id" in scope ? scope.id : ""}`)) continue;
      const isRead = this.#accepted.get(id)?.get(who) === text?.version;
      demand(!mustAccept || isRead, () => `${hold}: ${who} has not accepted ${id}`);
      const isMeter = meters === null || (meter !== null && meters.some((one) => is(one, meter)));
      demand(isMeter, () => `${hold}: ${id} does not allow meter ${meter}`);
      // No price of the simulated meters tells models apart.
      const isModel =
        models === null ||
        model === undefined ||
        (model === null ? meter !== null : models.some((one) => is(one, model)));
      demand(isModel, () => `${hold}: ${id} does not allow model ${model}`);
      const isTime = hours === null || hours.some((one) => holdsMinute(one, at));
      demand(isTime, () => `${hold}: ${id} does not allow ${new Date(at).toISOString()}`);
    }
  }
}

/** A pattern of the simulated callers: at most one piece that is spelled out. */
function is(pattern: string, name: string): boolean {
  const piece = pattern.replaceAll("*", "");
  if (piece === pattern) return pattern === name;
  return pattern.startsWith("*") ? name.includes(piece) : name.startsWith(piece);
}

/** Day by day, as a calendar on the wall: today's hours, and those of yesterday that go on over midnight. */
function holdsMinute({ days, fromMinute, toMinute }: WeeklyHours, at: number): boolean {
  const date = new Date(at);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const today = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  const yesterday = today === 1 ? 7 : today - 1;
  if (fromMinute < toMinute)
    return days.includes(today) && minute >= fromMinute && minute < toMinute;
  return (
    (days.includes(today) && minute >= fromMinute) ||
    (days.includes(yesterday) && minute < toMinute)
  );
}
