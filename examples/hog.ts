/**
 * A team of ten and one hog: the same two months of demand, first come, first served and then shared by Fading Reserves.
 * Components: `base`, `included`, `fairness`; a replay of the past, and what an owner makes of it.
 */
import { CisternProblem } from "@cistern/client";
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "125", output_text: "1000" } }] },
  },
  plans: {
    team: {
      currency: "USD",
      base: { fee: "200.00", value: "100.00" },
      included: { credits: "10000", value: "100.00" },
      // A plan that says nothing is balanced: this one begins as most products do.
      fairness: "off",
    },
  },
});

const hog = "max";
const others = ["ana", "ben", "cem", "dia", "eva", "fay", "gil", "hal", "ivy"];

const story = await Story.begin(
  "Hog: a team of ten, and one of them",
  "2026-03-01T00:00:00Z",
  catalog,
);
const { acme, cistern } = story;

/** What became of what one asked for in a month. */
interface Demand {
  asked: number;
  used: number;
  denied: number;
}

const got = new Map<string, Demand>();

const told = new Set<string>();

/** Asks for credits, and spends them where it gets them; tells the first refusal of max, and of the others. */
async function ask(member: string, credits: number): Promise<void> {
  const demand = got.get(member) ?? { asked: 0, used: 0, denied: 0 };
  got.set(member, demand);
  demand.asked += credits;
  try {
    const hold = await acme.authorize({ member, credits: `${credits}` });
    await hold.settle({ credits: `${credits}` });
    demand.used += credits;
  } catch (error) {
    if (!(error instanceof CisternProblem)) throw error;
    const who = member === hog ? hog : "others";
    if (!told.has(who))
      story.say(
        `${cistern.now().slice(0, 10)} ${member} asks for ${credits}: REFUSED ${error.status} ${error.code}\n    ${error.problem.detail}`,
      );
    told.add(who);
    demand.denied += credits;
  }
}

/** A month of demand: max's script wants the whole pool on the first day and goes on; the others want 600 each, day by day. */
async function month(name: string): Promise<void> {
  got.clear();
  told.clear();
  for (let day = 1; day <= 28; day += 3) {
    await cistern.advanceTo(`${name}-${String(day).padStart(2, "0")}T10:00:00Z`);
    for (let call = 0; call < (day === 1 ? 40 : 10); call += 1) await ask(hog, 250);
    for (const person of others) await ask(person, 60);
  }
  const nine = { asked: 0, used: 0, denied: 0 };
  for (const person of others) {
    const { asked, used, denied } = got.get(person) ?? { asked: 0, used: 0, denied: 0 };
    nine.asked += asked;
    nine.used += used;
    nine.denied += denied;
  }
  const { used = 0, denied = 0 } = got.get(hog) ?? {};
  const { available } = await acme.balance();
  story.say(`At the end of the month ${hog} has used ${used} and was refused ${denied};`);
  story.say(
    `the nine others asked for ${nine.asked}, used ${nine.used} and were refused ${nine.denied}; ${available} credits are left.`,
  );
}

await story.until("2026-03-01T00:00:00Z", "A team of ten signs up: 10,000 credits a month for all");
for (const member of [hog, ...others]) await acme.put.member(member);
story.change("The plan", await acme.subscription.put({ plan: "team" }));

await story.until("2026-03-01T09:00:00Z", "March: first come, first served");
await month("2026-03");

await story.until(
  "2026-04-01T00:00:00Z",
  "The month is over: what would other ways have done with March?",
);
const replay = await acme.fairness.replay();
story.say("                refused to the nine   used by max       left over");
for (const { preset, members, idle } of replay.policies) {
  const denied = members
    .filter(({ member }) => member !== hog)
    .reduce((sum, one) => sum + Number(one.denied.credits), 0);
  const max = members.find(({ member }) => member === hog)?.used ?? "0";
  story.say(
    `    ${preset.padEnd(12)}${`${denied}`.padStart(19)}${max.padStart(14)}${idle.padStart(16)}`,
  );
}
const said = await acme.fairness.recommendation();
story.say(`The replay speaks for ${said.preset}:\n    ${said.because}`);
story.say("It changes nothing by itself. Ana, who owns the team's account, chooses it.");
await acme.fairness.apply({ preset: said.preset, by: "ana" });

await story.until("2026-04-01T09:00:00Z", `April: the same demand, shared (${said.preset})`);
await month("2026-04");

await story.until("2026-04-29T09:00:00Z", "Where everybody stands, two days before the end");
for (const member of [hog, "ana"]) {
  const { remaining, share } = await acme.allowance(member);
  if (share === undefined) throw new Error("The pool is not shared.");
  story.say(
    `${member}: a fair share of ${share.share}, used ${share.used}, of it ${share.fromPot} from the team pot; reserved now ${share.reserved}, faded to the team ${share.faded}; may spend ${remaining}`,
  );
}

await story.until("2026-05-02T12:00:00Z", "And the books, which none of this touches");
for (const closed of ["2026-03", "2026-04"]) await story.books(closed);
await story.end();
