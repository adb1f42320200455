/** Owns `docs/fairness.md`: what the policy does, for whoever owns a workspace, with the figures of `bench/fairness.json`. */
import type { Score } from "./metrics.ts";
import { policyNames } from "./policies.ts";
import type { Results, Told } from "./results.ts";
import { traceFiles } from "./traces.ts";

/** The whole document; every figure in it is one of the results. Recordings of one's own stand in these alone. */
export function document(results: Results): string {
  return `${[
    opening,
    storyText(results),
    rules,
    compared(results),
    presets(results),
    inUse,
    byTrace(results),
    accepted(results),
    measured,
  ].join("\n\n")}\n`;
}

const opening = `# Sharing a pool fairly

One pool of credits for the whole team is simple to buy, and simple to drain: the first script that runs wild takes what everybody else was counting on. The usual
remedies waste it instead. A fixed cap for each member locks away what the quiet ones leave; a limit of the rate refuses a busy Monday although the month has
hardly begun. Cistern shares the pool by a policy of its own, **Fading Reserves**, and this page shows what it does, in figures of the production kernel.

The text, tables and pictures are written by \`npm run bench -- fairness\` from \`bench/fairness.json\`.`;

function storyText({ story }: Results): string {
  const last = (policy: string) => story[policy]?.at(-1);
  const emptyOn = (story["fcfs"] ?? []).find(({ hog, others }) => hog + others > 0.999)?.day ?? 30;
  return `## Ten people and a script

Nine people want six tenths of their share each, evenly over thirty days. One has a script that wants four times the whole pool, a full pool of it on the first day.

![What the script and the nine people had used, day by day, first come first served and with the balanced policy](fairness/story.svg)

First come, first served, the pool is empty on day ${emptyOn}: the nine were refused ${percent(last("fcfs")?.refused)} of what they asked for in the end. With the balanced policy they were refused
${percent(last("balanced")?.refused)}, and ${percent((last("balanced")?.hog ?? 0) + (last("balanced")?.others ?? 0))} of the pool was used: what the nine left went to the script, bit by bit, as it became clear that they would leave it.`;
}

const rules = `## The policy in three sentences

1. **Everyone's fair share is set by weight**, one seat each. At the start of a period most of it (70 % by default) is reserved for its owner; the rest is the team pot.
2. **What you have not used fades into the pot**, evenly, until the period ends. If you keep to the even pace, nothing that you need ever fades.
3. **From the pot, people still below their fair share go first.** Above it you may use only as much as the pot still holds, times a factor that grows as the period runs out, so that at the end nothing is left idle.

A refusal says which of these stood in the way, how much would pass now, and from when on the same request passes if nobody else spends. Agents and keys share the weight of whom they act for: ten keys get no more than one.`;

function compared({ means }: Results): string {
  const rows = Object.entries(means).map(([policy, { pool50, pool80 }]) =>
    row([
      policyNames[policy] ?? policy,
      both(pool50, pool80, "lightDenial"),
      both(pool50, pool80, "use"),
      both(pool50, pool80, "shortfall"),
    ]),
  );
  return `## Beside what others do

Recorded demand of real teams, with a pool of half and of 80 % of what they wanted (50 % / 80 %), so that somebody has to go without. A member is _light_ who wants no more than a fair share. Means over the traces:

| policy | light members' credits refused | pool used | distance to the fair split |
| --- | --- | --- | --- |
${rows.join("\n")}

![Light members' credits refused, by policy](fairness/denied.svg)

![Part of the pool used, by policy](fairness/used.svg)

_Distance to the fair split_: what members got less than somebody would have given them who had known all demand beforehand. No policy that decides on the spot comes to 0.`;
}

function presets({ means }: Results): string {
  const of = (policy: string, size: "pool50" | "pool80") =>
    percent(means[policy]?.[size].lightDenial);
  return `## Which preset

- \`balanced\`, the default: 70 % of a share is reserved. Light members were refused ${of("balanced", "pool50")} of what they asked for with half of the credits wanted, ${of("balanced", "pool80")} with 80 %.
- \`strict\`: all of a share is reserved. ${of("strict", "pool50")} and ${of("strict", "pool80")}; those who work hard early in the period wait longer. For teams where work comes in bursts, or late.
- \`lend_early\`: half is reserved, and the reach is double. ${of("lend_early", "pool50")} and ${of("lend_early", "pool80")}. For teams that know each other.
- \`off\`: first come, first served. Caps and rates combine with any of them. For guarantees, and else first come, first served, take \`{ "preset": "balanced", "reserve": 0, "reach": 100000 }\`: nothing but what is guaranteed is kept, and others may take all else but about a hundredth of what is above their share.

With a pool of 125 % of demand, what the balanced policy refused although it was left over in the end: ${percent(means["balanced"]?.pool125.needlessDenial)} of demand.

No policy gives back what was used. Who wants nothing for three weeks and six times what is still reserved in the last days will be refused some of it, under \`strict\` too. A member who must be able to wait gets a guarantee, which never fades; a group gets one for its members together, and what of that one of them leaves is the others'.

When a period is over, the past is replayed under each preset. Where another one would clearly have served better, the event \`fairness.recommended\` says so once, with its figures; an owner applies it, or does not.`;
}

const inUse = `## How to have it

A workspace that is on a plan shares its credits by \`balanced\`, unless the plan names another preset. One without a plan begins with \`off\`, and shares from the moment that it is told to: \`PATCH …/workspaces/acme\` with \`{ "fairness": { "preset": "balanced" } }\`, or \`acme.update({ fairness: { preset: "balanced" } })\`.

- **Where somebody stands**: \`GET …/members/ana/allowance\` says what ana's share is, what she used, what is reserved for her, what has faded to the team, what she drew from the pot, how much is open to her now, what stands in the way of more, and when it frees.
- **Before choosing**: \`npm run cistern -- fairness replay --workspace acme\` plays the last period under every preset: who would have been refused, and what would have idled. \`POST …/fairness/apply\` sets one in an owner's name.
- **For one member**: an owner gives reserved credits of another (\`POST …/gifts\`), guarantees credits (\`PUT …/members/ana/guarantee\`), or answers when she asks for more ([governance](governance.md)).

A team of ten and one of them, with and without: [the program](../examples/hog.ts) and [what it prints](../examples/hog.txt).`;

function byTrace({ traces }: Results): string {
  const rows = traceFiles.flatMap((name) =>
    Object.entries(traces[name] ?? {}).map(([policy, { pool50, pool80 }]) =>
      row([
        name,
        policyNames[policy] ?? policy,
        both(pool50, pool80, "lightDenial"),
        both(pool50, pool80, "use"),
        both(pool50, pool80, "shortfall"),
        `${pool50.jain.toFixed(3)} / ${pool80.jain.toFixed(3)}`,
      ]),
    ),
  );
  return `## By trace

The arena trace is ten minutes of bursts of seconds, where any period is over before a reserve means much: it is told and counts in no mean.

| trace | policy | light refused | used | distance | Jain |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}`;
}

function accepted({ acceptance, traceBars }: Results): string {
  const lines = Object.entries(acceptance).flatMap(([key, { claim, figures }]) =>
    Object.entries(figures).map(([name, told], index) =>
      row([index === 0 ? key : "", index === 0 ? claim : "", `\`${name}\``, ...judged(told)]),
    ),
  );
  const ofTraces = Object.entries(traceBars).map(([name, told]) =>
    row([`\`${name}\``, ...judged(told)]),
  );
  return `## What is promised, and what was measured

Made-up workloads with a pool of 100,000 credits and ten members, and properties on random workspaces. A test each, and a key in \`bench/fairness.json\`.

| | promise | figure | measured | asked | |
| --- | --- | --- | --- | --- | --- |
${lines.join("\n")}

Two lines of the table can be read in more than one way, and so the other reading stands beside, without a bar. _A7_: bursts begin at a random instant of the first nine tenths of the period, which comes near the figures that the policy was
described with (3.0 and 12 %); where they may begin up to the end, more is refused than the bars allow, since most of a reserve has faded by then. _A23_: two who want all they can get are judged under \`strict\`, where all of a share is reserved; under \`balanced\` who comes at half time ends behind.

Of the traces:

| figure | measured | asked | |
| --- | --- | --- | --- |
${ofTraces.join("\n")}`;
}

const measured = `## How it is measured

All figures come from the kernel that runs in production, one hold and one settle a request, nobody asks again for what was refused, and each period has 720 ticks. The caps and buckets are Cistern's own limits.
The traces and their licences stand in [bench/traces](../bench/traces/README.md). \`npm run bench -- fairness --trace FILE --members COLUMN --credits COLUMN --time COLUMN\` plays a recording of your own.`;

const judged = ({ value, bar = "", holds, note = "" }: Told): string[] => [
  number(value),
  bar === "" ? note : bar,
  holds === undefined ? "" : holds ? "reached" : "**missed**",
];

/** Counts are exact. */
const number = (value: number): string =>
  String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

const both = (half: Score, most: Score, figure: keyof Score): string =>
  `${percent(half[figure])} / ${percent(most[figure])}`;

const percent = (value: number | undefined): string =>
  `${(100 * (value ?? Number.NaN)).toFixed(1)} %`;

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
