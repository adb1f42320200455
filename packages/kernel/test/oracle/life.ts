import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { inspect } from "node:util";
import type { Command, Decision, Event } from "@cistern/kernel";
import { calendar } from "../calendar.ts";
import { Journal, rateCard } from "../journal.ts";
import { checkApproval, checkPostings, compareStates, compareVerdict } from "./compare.ts";
import { type Wish, settlers, start, workspaceOf } from "./moves.ts";
import { Oracle } from "./oracle.ts";

/** What a life has come to: the kernel with its journal, and the clock. */
export class Life {
  readonly journal: Journal;
  at: number = start;
  #serial = 0;
  /** Lots and holds, oldest first. */
  readonly lots: string[] = [];
  readonly holds: string[] = [];
  readonly outcomes: string[] = [];

  /** A new life, in a zone; or one that goes on from another on a journal of its own. */
  constructor(journal: Journal = new Journal(), from?: Life, timeZone?: string) {
    this.journal = journal;
    if (from === undefined) {
      for (const command of [workspaceOf("acme", timeZone), ...settlers]) this.do(command);
      return;
    }
    this.at = from.at;
    this.#serial = from.#serial;
    this.lots.push(...from.lots);
    this.holds.push(...from.holds);
    this.outcomes.push(...from.outcomes);
  }

  /** The command of a wish, at its time. */
  asks(wish: Wish): Command {
    this.at += wish.afterMs;
    this.#serial += 1;
    const { at, lots, holds, outcomes } = this;
    this.pass(at);
    const rows = this.journal.state.holds.holds;
    const open = holds.filter((id) => rows.get(id)?.status === "open");
    const charged = holds.filter((id) => (rows.get(id)?.charged ?? 0n) > 0n);
    const invoices = [...this.journal.state.invoices.invoices.values()];
    const drafts = invoices.filter(({ status }) => status === "draft").map(({ id }) => id);
    return wish.ask({
      at,
      serial: this.#serial,
      lots,
      holds,
      open,
      charged: charged.length === 0 ? holds : charged,
      drafts,
      issued: invoices.filter(({ status }) => status !== "draft").map(({ id }) => id),
      outcomes,
      topUps: this.#topUps(),
    });
  }

  #topUps(): readonly string[] {
    const all = [...this.journal.state.topUps.topUps.values()];
    const waiting = all.filter(({ status }) => status !== "succeeded" && status !== "failed");
    return (waiting.length === 0 ? all : waiting).map(({ id }) => id);
  }

  do(command: Command): Decision {
    const decision = this.journal.run(command, this.at);
    if (decision.kind === "rejected") return decision;
    const { event } = decision;
    if (event.kind === "credits.granted" || event.kind === "top_up.succeeded") {
      this.lots.push(event.lot.id);
      if (event.bonus !== undefined) this.lots.push(event.bonus.id);
    }
    this.#note([event]);
    if (event.kind === "hold.opened") this.holds.push(event.hold);
    if (event.kind === "usage.debited") this.holds.push(event.debit);
    if (event.kind === "outcome.claimed" && event.of !== null)
      this.outcomes.push(event.of.outcome.id);
    return decision;
  }

  /** Lets time pass without a command. */
  pass(at: number): void {
    this.#note(this.journal.pass(at));
  }

  /** Lots that come by themselves, or with something else. */
  #note(events: readonly Event[]): void {
    for (const event of events)
      if ("lots" in event)
        for (const lot of event.lots)
          if (typeof lot !== "string" && "id" in lot) this.lots.push(lot.id);
  }
}

/** Lives through the wishes with the oracle beside, and compares after every step. A failure tells the whole life. */
export function liveBesideOracle(wishes: readonly Wish[]): Life {
  const life = new Life();
  const oracle = oracleOf(life);
  const history: string[] = [];
  for (const wish of wishes) {
    const command = life.asks(wish);
    history.push(
      `${new Date(life.at).toISOString()} ${inspect(command, { breakLength: Infinity })}`,
    );
    try {
      step(life, oracle, command);
    } catch (cause) {
      throw new Error(`The kernel and the oracle part after:\n${history.join("\n")}`, { cause });
    }
  }
  return life;
}

function step(life: Life, oracle: Oracle, command: Command): void {
  const { journal, at } = life;
  const [untouched, seen] = [journal.state.undo.mark(), journal.rows.length];
  const asked = journal.decide(command, at);
  assert.equal(journal.state.undo.mark(), untouched, "deciding writes nothing");
  const decision = life.do(command);
  assert.deepEqual(decision, asked, "the same question has the same answer");
  compareVerdict(decision, oracle.run(command, at));
  if (decision.kind === "accepted") checkApproval(journal, decision.event);
  else assert.equal(journal.state.undo.mark(), untouched, "K10 a rejected command changes nothing");
  for (const { event } of journal.rows.slice(seen)) checkPostings(event);
  compareStates(journal, oracle, at);
}

function oracleOf(life: Life): Oracle {
  const created = life.journal.rows[0]?.event;
  assert(created?.kind === "workspace.created");
  const meters = rateCard.rows.map((row) => row.meter);
  const oracle = new Oracle(created.workspace, { calendar, meters });
  for (const command of settlers) oracle.run(command, start);
  return oracle;
}

/** The seed of this run: `CISTERN_SEED`, else any. Tests print it, so that a failure can be had again. */
export const seed: number = Number(process.env["CISTERN_SEED"] ?? randomInt(2 ** 31));

/** How many lives a property tries; `CISTERN_RUNS` multiplies it. */
export const runs = (usual: number): number => usual * Number(process.env["CISTERN_RUNS"] ?? 1);
