/**
 * Owns `catalog migrate`: moving subscriptions to the version of their plan that is in force. What is planned for them stays: seats,
 * prices that were negotiated, another plan, an end. Who was named and is not moved is told why.
 */
import {
  CatalogSchema,
  CatalogVersionPageSchema,
  type CreditWords,
  type InvoiceLine,
  type Subscription,
  type SubscriptionChange,
  SubscriptionChangeSchema,
  type SubscriptionImpact,
  SubscriptionSchema,
  creditFigure,
  creditText,
  readCredits,
} from "@cistern/contract";
import { type Place, withCalls } from "./catalog-calls.ts";
import { moneyText, pagesOf } from "./catalog-impact.ts";
import { type CallServer, ServerFault } from "./catalog-server.ts";
import { exitCodes } from "./exit-codes.ts";

/** What is to be migrated, and when. */
export interface MigrateOptions extends Place {
  readonly plan: string;
  readonly workspace?: readonly string[];
  readonly when: "now" | "period_end";
  readonly preview?: boolean;
}

/** To the version in force; one that is refused does not stop the others. */
export async function runMigrate(options: MigrateOptions): Promise<void> {
  const { plan, workspace: chosen, preview = false } = options;
  await withCalls(options, async (call) => {
    const { content, credits } = await call("GET", "/v1/catalog/current", CatalogSchema);
    const plans = new Map(Object.entries(content["plans"] ?? {}));
    if (!plans.has(plan))
      throw new ServerFault(
        `The catalog in force has no plan ${plan}; it has ${[...plans.keys()].join(", ") || "none"}.`,
      );
    await tellUpcoming(call);
    const counts = { moved: 0, stays: 0, refused: 0 };
    const seen = new Set<string>();
    for await (const { subscriptions } of pagesOf(call, content))
      for (const one of subscriptions) {
        const isMeant = chosen === undefined || chosen.includes(one.workspace);
        if (one.plan !== plan || one.newerVersion === undefined || !isMeant) continue;
        seen.add(one.workspace);
        counts[await migrate(call, one, { ...options, words: credits })] += 1;
      }
    for (const workspace of new Set(chosen ?? []))
      if (!seen.has(workspace) && !(await isThereAlready(call, workspace, plan)))
        counts.refused += 1;
    const verb = preview ? "would move" : "moved";
    process.stdout.write(`${counts.moved} subscription(s) ${verb} to the newest ${plan}.\n`);
    if (counts.refused > 0) process.exitCode = exitCodes.failed;
  });
}

/** A version that was pushed and is not in force yet is what nobody is moved to. */
async function tellUpcoming(call: CallServer): Promise<void> {
  const { data } = await call("GET", "/v1/catalog?limit=1", CatalogVersionPageSchema);
  for (const { version, status, effectiveAt } of data)
    if (status === "upcoming")
      process.stdout.write(
        `Version ${version} takes effect at ${effectiveAt}; until then subscriptions move to the version that is in force.\n`,
      );
}

/** Whether a workspace that was named is on the newest version; where it is not on the plan at all, that is told. */
async function isThereAlready(call: CallServer, workspace: string, plan: string): Promise<boolean> {
  try {
    const running = await call("GET", pathOf(workspace), SubscriptionSchema);
    const isOn = running.plan === plan && running.status !== "ended";
    if (isOn)
      process.stdout.write(`  ${workspace}: on ${running.planVersion} already, the newest\n`);
    else process.stderr.write(`  ${workspace}: ${elsewhere(running)}\n`);
    return isOn;
  } catch (error) {
    return refused(workspace, error);
  }
}

const elsewhere = ({ plan, status }: Subscription): string =>
  status === "ended"
    ? "its subscription has ended"
    : `it is on the plan ${plan}; say --plan ${plan} to move it`;

/** A preview is the answer of the act. */
async function migrate(
  call: CallServer,
  impact: SubscriptionImpact,
  {
    when,
    preview = false,
    words,
  }: Pick<MigrateOptions, "when" | "preview"> & {
    readonly words: CreditWords;
  },
): Promise<"moved" | "stays" | "refused"> {
  const { workspace } = impact;
  const path = pathOf(workspace);
  const body = { repin: true, change: when };
  try {
    const change = preview
      ? await call("POST", `${path}/preview`, SubscriptionChangeSchema, body)
      : await call("PUT", path, SubscriptionChangeSchema, body);
    const isMoved = [change.subscription, change.subscription.next].some(
      (terms) => terms?.plan === impact.plan && terms.planVersion !== impact.planVersion,
    );
    process.stdout.write(isMoved ? movedText(impact, change, words) : staysText(impact, change));
    return isMoved ? "moved" : "stays";
  } catch (error) {
    return refused(workspace, error) || "refused";
  }
}

const pathOf = (workspace: string): string =>
  `/v1/workspaces/${encodeURIComponent(workspace)}/subscription`;

function refused(workspace: string, error: unknown): false {
  if (!(error instanceof ServerFault)) throw error;
  process.stderr.write(`  ${workspace}: ${error.message}\n`);
  return false;
}

/** With what is planned, which goes on. */
function movedText(
  { workspace, plan, planVersion: before }: SubscriptionImpact,
  change: SubscriptionChange,
  words: CreditWords,
): string {
  const { subscription, lines } = change;
  const { next, planVersion, period, seats } = subscription;
  const isNow = planVersion !== before;
  const to = isNow ? planVersion : (next?.planVersion ?? planVersion);
  const what = lines.map((line) => `    ${lineText(line)}\n`).join("");
  const planned =
    next === undefined || (next.plan === plan && next.seats === seats)
      ? ""
      : `    planned from ${period.end}: ${next.planVersion}${next.seats === 0 ? "" : ` with ${next.seats} seat(s)`}\n`;
  return `  ${workspace}: ${before} -> ${to}, from ${isNow ? "now" : period.end}: ${costText(change, words)}\n${what}${planned}`;
}

/** What is charged, what is granted for it, and what of the plan's own goes. */
const costText = (
  { amount, credits, creditsTaken, heldCredits }: SubscriptionChange,
  words: CreditWords,
): string =>
  [
    moneyText(amount),
    creditText(readCredits(credits), words),
    ...(creditsTaken === undefined
      ? []
      : [`${creditText(readCredits(creditsTaken), words)} of the plan taken`]),
    ...(heldCredits === undefined
      ? []
      : [
          `up to ${creditFigure(readCredits(heldCredits.credits), words)} more and ${moneyText(heldCredits.upTo)} as calls end`,
        ]),
  ].join(", ");

const staysText = (
  { workspace, planVersion }: SubscriptionImpact,
  { subscription: { next, period } }: SubscriptionChange,
): string =>
  `  ${workspace}: stays on ${planVersion}, since ${next?.planVersion ?? "nothing"} is planned from ${period.end}; move it with --when now\n`;

const lineText = ({ kind, about, quantity, amount }: InvoiceLine): string =>
  `${kind} ${about} x ${quantity}: ${moneyText(amount)}`;
