/** Owns the bugs in the kernel's functions that percents, ceilings, and changes of many limits at once are there for. */
import { type Event, type State, credits } from "@cistern/kernel";
import { type Rules, kernelRules } from "cistern/engine";
import { changing, onlyFor, overlaid, seeing, unasserted } from "./bent-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** The rules with such a bug; undefined for all others. */
export function plantInLimits(bug: PlantedBug | undefined): Rules | undefined {
  switch (bug) {
    case "percentOfWhatIsLeft":
      return unasserted({ decide: onlyFor("openHold", seeing(withNothingConsumed)) });
    case "ceilingIgnored":
      return unasserted({ decide: onlyFor("openHold", seeing(withCeilingsLifted)) });
    case "ceilingNeverFalls":
      return unasserted({ decide: changing(withoutReturns) });
    case "bulkLosesOne":
      return unasserted({
        apply: (state, event, position) =>
          kernelRules.apply(
            state,
            event.kind === "limits.updated"
              ? { ...event, limits: event.limits.slice(0, -1) }
              : event,
            position,
          ),
      });
    case "splitUnequal":
      return unasserted({ decide: onlyFor("splitLimit", changing(tilted)) });
    default:
      return undefined;
  }
}

/** Since the window of a percent began. */
function withNothingConsumed(state: State): State {
  const { bases } = state.limits;
  const { consumed, restrictedConsumed } = state.pool.totals;
  const get = (key: string) => {
    const basis = bases.get(key);
    return basis && { ...basis, consumed: credits(consumed - restrictedConsumed) };
  };
  return { ...state, limits: { ...state.limits, bases: overlaid(bases, { get }) } };
}

/** They count, and refuse nothing. */
function withCeilingsLifted(state: State): State {
  const shelf = (all: State["limits"]["byScope"]["group"]) =>
    new Map(
      [...all].map(([id, some]) => [
        id,
        some.map((one) => {
          const { rule } = one.limit;
          if (rule.kind !== "overage" || rule.credits === null) return one;
          const lifted = { ...rule, credits: credits(10n ** 15n) };
          const limit = { ...one.limit, rule: lifted };
          return overlaid(one, { limit, of: (member) => ({ ...one.of(member), limit }) });
        }),
      ]),
    );
  const { workspace, group, member, eachMember } = state.limits.byScope;
  const byScope = {
    workspace: shelf(workspace),
    group: shelf(group),
    member: shelf(member),
    eachMember: shelf(eachMember),
  };
  return { ...state, limits: { ...state.limits, byScope } };
}

function withoutReturns(event: Event): Event {
  if (event.kind !== "hold.settled" && event.kind !== "hold.released") return event;
  const { pastPool: _returned, ...rest } = event;
  return rest;
}

function tilted(event: Event): Event {
  if (event.kind !== "limits.updated") return event;
  const last = event.limits.length - 1;
  const limits = event.limits.map((one, index) => {
    const { rule } = one.limit;
    if (last < 1 || (index > 0 && index < last) || rule.kind !== "cap" || "percentBps" in rule)
      return one;
    const more = index === 0 ? 1_000_000n : -1_000_000n;
    const part = credits((rule.credits ?? 0n) + more);
    return { ...one, limit: { ...one.limit, rule: { ...rule, credits: part } } };
  });
  return { ...event, limits };
}
