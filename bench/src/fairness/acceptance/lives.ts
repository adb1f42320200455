/** Owns A24 and A26: random lives of workspaces always go the same way, however often somebody asked in between. */
import { createHash } from "node:crypto";
import { type Decision, instant, memberShare } from "@cistern/kernel";
import { lived } from "../../../../packages/kernel/test/fairness/lived.ts";
import type { Journal } from "../../../../packages/kernel/test/journal.ts";
import { type Acceptance, some } from "./acceptance.ts";

const steps = 2_000;

const replay: Acceptance = {
  key: "A24",
  claim: "the same journal gives the same decisions, on every machine (F10)",
  measure(effort) {
    const seeds = Array.from({ length: some(10, effort) }, (_, seed) => seed);
    const isRepeated = (seed: number): boolean => decisionsOf(seed) === decisionsOf(seed);
    return [
      {
        name: "differentWhenRepeated",
        value: seeds.filter((seed) => !isRepeated(seed)).length,
        atMost: 0,
      },
      {
        name: "differentFromRecorded",
        value: decisionsOf(0) === recorded ? 0 : 1,
        atMost: 0,
        note: "beside what another machine decided",
      },
    ];
  },
};

/** What the machine that wrote this decided in the life of seed 0. Another policy, or another life, has another. */
const recorded = "ab781d392ff89922ed5edc5bc3c7197ec3832b10ffe3cbde5260c14227b7825c";

/** A digest of all that was decided: what was admitted, out of which reserves and pots, and the numbers of refusals. */
function decisionsOf(seed: number): string {
  const hash = createHash("sha256");
  lived(seed, {
    steps,
    watcher: {
      after(_journal, { at }, decision) {
        hash.update(`${at} ${toldOf(decision)}\n`);
      },
    },
  });
  return hash.digest("hex");
}

function toldOf(decision: Decision): string {
  if (decision.kind === "rejected") {
    const { rejection } = decision;
    if (!("maxNow" in rejection)) return rejection.code;
    const { code, maxNow, retryAt } = rejection;
    return `${code} ${maxNow} ${retryAt}`;
  }
  const { event } = decision;
  if (!("drawn" in event) || event.drawn === undefined) return event.kind;
  const { seat, reserve, pots } = event.drawn;
  return `${event.kind} ${seat} ${reserve} ${pots.map(({ node, credits }) => `${node} ${credits}`).join()}`;
}

const sweeps: Acceptance = {
  key: "A26",
  claim:
    "it changes nothing whether ticks were carried out early, for who asked, or late, with the next event",
  measure(effort) {
    const seeds = Array.from({ length: some(10, effort) }, (_, seed) => seed);
    return [
      {
        name: "differentStates",
        value: seeds.filter((seed) => stateOf(seed, "often") !== stateOf(seed, "seldom")).length,
        atMost: 0,
      },
    ];
  },
};

/** All rows at the end, after a life in which members' shares were asked for before each step and in between, or never. */
function stateOf(seed: number, asked: "often" | "seldom"): string {
  let last = 0;
  const ask = (journal: Journal, at: number): void => {
    for (const member of ["m0", "m1", "nobody"]) memberShare(journal.state, member, instant(at));
  };
  const journal = lived(seed, {
    steps,
    watcher: {
      before(current, { at }) {
        if (asked === "seldom") return;
        for (let between = Math.max(last, at - day); between < at; between += day / 48) {
          current.pass(between);
          ask(current, between);
        }
        last = at;
      },
    },
  });
  const tables = journal.state.tables.map((table) => [
    table.name,
    [...table.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return JSON.stringify(tables, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}

const day = 24 * 60 * 60 * 1_000;

export const ofLives: readonly Acceptance[] = [replay, sweeps];
