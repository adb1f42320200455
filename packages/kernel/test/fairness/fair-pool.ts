/** The oracle's lots and holds, told what of each event concerns the shares: who took what, and what came back to whom. */
import type { Workspace } from "@cistern/kernel";
import { type Move, type OracleLot, type Use, sum } from "../oracle/ledger.ts";
import { type OracleHold, Pool } from "../oracle/pool.ts";
import type { Verdict } from "../oracle/verdict.ts";

/** What one event did to credits on lots that are shared. */
export interface Told {
  /** Calls of which credits count no longer, and what of these became available. */
  readonly ended: { readonly hold: OracleHold; credits: bigint; freed: bigint }[];
  /** Usage that nothing refuses, of available credits. */
  readonly used: { readonly hold: OracleHold; credits: bigint }[];
  /** Usage of credits that had expired when its hold had. */
  readonly lapsed: { readonly hold: OracleHold; readonly credits: bigint }[];
  /** Debts that were paid. */
  readonly paid: { readonly hold: OracleHold; readonly credits: bigint }[];
}

/** Whether the shares let a member have so much; undefined where they do. */
export type Gate = (use: Use, amount: bigint) => Verdict | undefined;

/** Restricted lots stand outside of shares (RULES 33). */
const isShared = (lot: OracleLot): boolean => lot.only === null;

export class FairPool extends Pool {
  told: Told = { ended: [], used: [], lapsed: [], paid: [] };
  gate: Gate = () => undefined;

  /** What the shares add up to (RULES 29). */
  get available(): bigint {
    const live = this.ledger.lots.filter((lot) => lot.phase === "live" && isShared(lot));
    return sum(live.map((lot) => lot.parts.available));
  }

  /** What is told of an event is told once. */
  tell(): Told {
    const { told } = this;
    this.told = { ended: [], used: [], lapsed: [], paid: [] };
    return told;
  }

  override authorize(
    workspace: Workspace,
    use: Use,
    amount: bigint,
  ): ReturnType<Pool["authorize"]> {
    const verdict = amount <= this.ledger.available(use) ? this.gate(use, amount) : undefined;
    return verdict?.kind === "rejected" ? verdict : super.authorize(workspace, use, amount);
  }

  override return(hold: OracleHold): void {
    const moves = this.#during(() => super.return(hold));
    this.#end(hold, moves, "held");
  }

  override undo(
    charge: OracleHold["charges"][number],
    part: bigint,
    when: { at: number; refund: string },
  ): void {
    const hold = this.holds.find((one) => one.charges.includes(charge));
    if (hold === undefined) throw new Error("The oracle undoes a charge of no hold");
    const lots = this.ledger.lots.length;
    const moves = this.#during(() => super.undo(charge, part, when));
    this.#end(hold, moves, "consumed");
    // Into a lot that is over: a new one takes them (RULES 13).
    for (const made of this.ledger.lots.slice(lots).filter(isShared))
      this.#ending(hold).freed += made.parts.available;
  }

  override take(hold: OracleHold, amount: bigint, at: number): void {
    this.#use(
      hold,
      this.#during(() => super.take(hold, amount, at)),
    );
  }

  override takeReturned(hold: OracleHold, amount: bigint): bigint {
    let missing = 0n;
    const moves = this.#during(() => {
      missing = super.takeReturned(hold, amount);
    });
    this.#use(hold, moves);
    const lapsed = moves.filter(({ lot, from }) => from === "expired" && isShared(lot));
    this.told.lapsed.push({ hold, credits: sum(lapsed.map((one) => one.credits)) });
    return missing;
  }

  override payDebts(): void {
    const owed = this.holds
      .toSorted((a, b) => a.owedSince - b.owedSince || (a.id < b.id ? -1 : 1))
      .map((hold) => [hold, hold.owed] as const);
    super.payDebts();
    for (const [hold, before] of owed)
      if (hold.owed < before) this.told.paid.push({ hold, credits: before - hold.owed });
  }

  #during(act: () => void): readonly Move[] {
    const seen = this.ledger.moves.length;
    act();
    return this.ledger.moves.slice(seen);
  }

  #use(hold: OracleHold, moves: readonly Move[]): void {
    const taken = moves.filter(({ lot, from }) => from === "available" && isShared(lot));
    const credits = sum(taken.map((one) => one.credits));
    const known = this.told.used.find((one) => one.hold === hold);
    if (known === undefined) this.told.used.push({ hold, credits });
    else known.credits += credits;
  }

  #end(hold: OracleHold, moves: readonly Move[], from: Move["from"]): void {
    const ended = moves.filter((one) => one.from === from && isShared(one.lot));
    const freed = ended.filter((one) => one.to === "available");
    const ending = this.#ending(hold);
    ending.credits += sum(ended.map((one) => one.credits));
    ending.freed += sum(freed.map((one) => one.credits));
  }

  #ending(hold: OracleHold): Told["ended"][number] {
    const known = this.told.ended.find((one) => one.hold === hold);
    if (known !== undefined) return known;
    const made = { hold, credits: 0n, freed: 0n };
    this.told.ended.push(made);
    return made;
  }
}
