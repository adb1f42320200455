/** Lives a life with the oracle beside, and compares every answer and every member's share. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type Decision, type Event, instant, memberShare } from "@cistern/kernel";
import type { Journal } from "../journal.ts";
import { Chance } from "./chance.ts";
import { FairOracle } from "./fair-oracle.ts";
import type { Step } from "./life.ts";
import { lived } from "./lived.ts";
import type { Node, Shares } from "./shares.ts";

/** So many steps of the life of a seed; a failure tells what had happened. */
export function liveBesideOracle(seed: number, steps: number): Journal {
  const chance = new Chance(seed);
  const history: string[] = [];
  let oracle: FairOracle | undefined;
  let next = "";
  try {
    return lived(seed, {
      steps,
      watcher: {
        before(_journal, { command, at }) {
          next = `${new Date(at).toISOString()} ${inspect(command, { breakLength: Infinity })}`;
        },
        after(journal, step, decision) {
          oracle = compare(journal, step, { decision, oracle, chance });
          const said = decision.kind === "rejected" ? decision.rejection.code : "accepted";
          history.push(`${next} ${said}`);
        },
      },
    });
  } catch (cause) {
    const last = history.slice(-40).join("\n");
    throw new Error(`Seed ${seed}: the kernel and the oracle part at\n${last}\n> ${next}`, {
      cause,
    });
  }
}

function compare(
  journal: Journal,
  { command, at }: Step,
  {
    decision,
    oracle,
    chance,
  }: { decision: Decision; oracle: FairOracle | undefined; chance: Chance },
): FairOracle {
  if (oracle === undefined) {
    assert(decision.kind === "accepted" && decision.event.kind === "workspace.created");
    return new FairOracle(decision.event.workspace, at);
  }
  const verdict = oracle.run(command, at);
  const said = decision.kind === "accepted" ? "accepted" : decision.rejection.code;
  assert.equal(said, verdict.kind === "accepted" ? "accepted" : verdict.code);
  if (verdict.kind === "rejected" && decision.kind === "rejected") {
    const told: Readonly<Record<string, unknown>> = { ...decision.rejection };
    for (const [name, value] of Object.entries(verdict.numbers ?? {}))
      assert.deepEqual(told[name], value, name);
  }
  if (decision.kind === "accepted") compareDrawn(decision.event, oracle);
  compareShares(journal, oracle, { at, chance });
  return oracle;
}

/** What an answer says that it drew. */
function compareDrawn(event: Event, oracle: FairOracle): void {
  if (event.kind !== "hold.opened" || event.drawn === undefined) return;
  const { seat, reserve, pots } = event.drawn;
  const parts = pots.map(({ node, credits }) => [node, credits]);
  assert.deepEqual([[seat, reserve], ...parts], oracle.drawnBy(event.hold), "drawn");
}

/** F1, and where everybody stands. */
function compareShares(
  { state }: Journal,
  oracle: FairOracle,
  { at, chance }: { at: number; chance: Chance },
): void {
  const { available } = state.pool.totals;
  assert.equal(oracle.pool.available, available, "available");
  const everybody = ["nobody", ...oracle.seating.sitters.keys()];
  // A few at a time: what parts at one step is still apart at the next ones.
  for (const [index, member] of chance.shuffled(everybody).slice(0, 3).entries()) {
    const { shares, seat } = oracle.standing(member, at);
    assert.equal(shares.available(), available, "F1 reserves and pots are what is available");
    assert(
      shares.all().every((node) => node.own >= 0n),
      "F1 nothing is below zero",
    );
    const told = memberShare(state, member, instant(at));
    assert(told !== undefined);
    const [leaf, ...pots] = shares.path(seat);
    assert.deepEqual(
      {
        seat: told.seat,
        tick: told.tick,
        weight: told.weight,
        share: told.share,
        used: told.used,
        reserved: told.reserved,
        potLeft: told.potLeft,
        group: told.group,
      },
      {
        seat,
        tick: Number(shares.tick),
        weight: leaf?.weight,
        share: leaf?.share,
        used: leaf?.used,
        reserved: leaf?.own,
        potLeft: pots.reduce((sum, { own }) => sum + own, 0n),
        group: groupIn(shares, pots),
      },
      member,
    );
    if (index === 0) assert.equal(told.open, shares.most(seat), `open to ${member}`);
  }
}

/** Where the home group on a way stands. */
function groupIn(shares: Shares, way: readonly Node[]): unknown {
  const node = way.find(({ id }) => id.startsWith("group:"));
  if (node === undefined) return null;
  const { id, guarantee, share, used, own: pot } = node;
  return {
    group: id.slice("group:".length),
    guarantee,
    share,
    used,
    reserved: shares.reserved(node),
    pot,
  };
}
