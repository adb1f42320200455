/** Owns what a catalog means by its events and traces: which meter, and which of its buckets, takes what. */
import type { Meter, Tell } from "./catalog.ts";
import type { EventRuleForm, TracesForm } from "./intake-form.ts";

/** Types that Cistern has a meaning of its own for. */
const ownTypes: ReadonlySet<string> = new Set([
  "usage.report",
  "outcome.claim",
  "outcome.signal",
  "outcome.confirm",
  "outcome.reopen",
]);

interface Around {
  readonly meters: ReadonlyMap<string, Meter>;
  readonly tell: Tell;
}

/** Tells all that is wrong with how events of a type become usage. */
export function checkEventRule(type: string, rule: EventRuleForm, { meters, tell }: Around): void {
  const path = `/events/${pointerPart(type)}`;
  if (ownTypes.has(type))
    tell({ path, message: "is a type of Cistern's own, which has its meaning already" });
  const meter = meterOf(rule.meter, `${path}/meter`, { meters, tell });
  if (meter === undefined) return;
  for (const bucket of Object.keys(rule.usage))
    if (!meter.buckets.includes(bucket))
      tell({
        path: `${path}/usage/${bucket}`,
        restsOn: [`${path}/usage/`, `/meters/${rule.meter}/buckets`],
        message: `is no bucket of ${rule.meter}, which has ${meter.buckets.join(", ")}`,
      });
}

/** Tells all that is wrong with what spans are for. */
export function checkTraces({ meters: named = {} }: TracesForm, around: Around): void {
  for (const [operation, name] of Object.entries(named))
    meterOf(name, `/traces/meters/${pointerPart(operation)}`, around);
}

function meterOf(name: string, path: string, { meters, tell }: Around): Meter | undefined {
  const meter = meters.get(name);
  if (meter === undefined)
    tell({
      path,
      restsOn: [path, "/meters"],
      message: `is ${name}, which is no meter of this catalog`,
    });
  else if (meter.kind === "level")
    tell({
      path,
      restsOn: [path, `/meters/${name}/kind`],
      message: `is ${name}, which measures a level: report it with usage.report, from one instant to another`,
    });
  return meter;
}

const pointerPart = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
