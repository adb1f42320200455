import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { countAll } from "../limits/admission.ts";
import { reachedBy } from "../limits/reached.ts";
import { reportedSpender } from "../members/spender.ts";
import { chargesOf, consumeAvailable } from "../pool/consume.ts";
import { isTooMuchDebt, tooMuchDebt } from "../pool/debt.ts";
import { Draft } from "../pool/draft.ts";
import { rated } from "../rating/rated.ts";
import { vendorCost } from "../rating/vendor-cost.ts";
import { type State, workspaceOf } from "../state/state.ts";
import type { Debit } from "./command.ts";

/** A caller's clock may run ahead of ours by this; usage that it dates later than now happened now. */
const clockSkewMaxMs = 5 * 60 * 1_000;

/** Charges usage that already happened: never refused for credits or limits (RULES 1); counted where its window is open. */
export function debit(
  state: State,
  command: Debit,
  at: Instant,
  { calendar, rateCard }: Surroundings,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  const who = reportedSpender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const cost = rated(rateCard, command);
  if (cost.kind === "refused") return reject(cost.rejection);
  if (command.run !== null) return reject({ code: "unknown_run", run: command.run });
  const said = command.occurredAt ?? at;
  if (said > at + clockSkewMaxMs)
    return reject({
      code: "invalid_request",
      field: "occurredAt",
      reason: "Usage is reported after it happened.",
    });
  const occurredAt = said > at ? at : said;
  const usage = { member: command.member, groups: who.path.groups, meter: command.meter };
  const draft = new Draft(state.pool);
  const debt = consumeAvailable(draft, usage, cost.credits);
  if (isTooMuchDebt(state.pool, debt)) return reject(tooMuchDebt);
  if (debt > 0n) draft.owe(command.debit, debt);
  const zone = { calendar, timeZone: workspace.timeZone };
  const ask = {
    path: who.path,
    workspace: workspace.id,
    credits: cost.credits,
    requests: 0n,
    at: occurredAt,
    zone,
  } as const;
  const counts = countAll(state.limits, ask, at);
  const { transfers, balance } = draft.finish();
  const reported = command.amount.kind === "usage" ? command.amount.usage : null;
  const event = {
    kind: "usage.debited",
    at,
    debit: command.debit,
    occurredAt,
    path: who.path,
    meter: command.meter,
    model: command.model,
    project: command.project,
    price: cost.price,
    attributes: command.attributes,
    usage: reported,
    cost: vendorCost(cost.price, null, reported),
    charged: cost.credits,
    charges: chargesOf(transfers),
    debt,
    counts,
    counted: [{ credits: cost.credits, windows: counts }],
    isUnrated: false,
    guest: who.guest,
    transfers,
    balance,
  } as const;
  return accept(event, reachedBy(state.limits, counts, { workspace: workspace.id, at }));
}
