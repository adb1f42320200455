/** Owns `catalog diff` and `catalog migrate`: what a catalog would mean for subscriptions, and moving them to it. */
import {
  CatalogDiffSchema,
  CatalogSchema,
  CatalogVersionPageSchema,
  type CatalogDiff,
  type InvoiceLine,
  type SubscriptionChange,
  SubscriptionChangeSchema,
  type SubscriptionImpact,
} from "@cistern/contract";
import { loadCatalog, minorDigits } from "../catalog/index.ts";
import { type Place, withCalls } from "./catalog-calls.ts";
import { type CallServer, ServerFault } from "./catalog-server.ts";
import { exitCodes } from "./exit-codes.ts";

/** `cistern catalog diff`. */
export async function runDiff(file: string, place: Place): Promise<void> {
  const { content } = await loadCatalog(file);
  await withCalls(place, async (call) => {
    const { data } = await call("GET", "/v1/catalog?limit=1", CatalogVersionPageSchema);
    const [newest] = data;
    const beside =
      newest === undefined
        ? "the catalog that comes with Cistern, since none was pushed"
        : `version ${newest.version}, in effect from ${newest.effectiveAt}`;
    process.stdout.write(`Compared with ${beside}:\n`);
    let isFirst = true;
    let touched = 0;
    for await (const { changes, subscriptions } of pagesOf(call, JSON.parse(content))) {
      if (isFirst)
        process.stdout.write(
          changes.length === 0 ? "Nothing changes.\n" : changes.map(changeText).join(""),
        );
      isFirst = false;
      if (touched === 0 && subscriptions.length > 0)
        process.stdout.write("Subscriptions that it touches; a push changes none of them:\n");
      touched += subscriptions.length;
      process.stdout.write(subscriptions.map(impactText).join(""));
    }
  });
}

/** All pages of workspaces. */
async function* pagesOf(call: CallServer, content: unknown): AsyncGenerator<CatalogDiff> {
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/catalog/diff?limit=100${query}`;
    const page: CatalogDiff = await call("POST", path, CatalogDiffSchema, { content });
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

const marks = { added: "+", removed: "-", changed: "~" } as const;

const changeText = ({ kind, what, details }: CatalogDiff["changes"][number]): string =>
  `${marks[kind]} ${what}\n${details.map((detail) => `    ${detail}\n`).join("")}`;

function impactText(one: SubscriptionImpact): string {
  const { workspace, planVersion, newerVersion, usage, allowances = [] } = one;
  const migrated = newerVersion === undefined ? "" : `; ${newerVersion} when it is migrated`;
  const version = one.planRemoved === true ? "; the catalog has no such plan any more" : migrated;
  const bill = billText(one);
  const unpriced =
    usage === undefined || usage.unpriced === 0
      ? ""
      : ` (${usage.unpriced} rows have no price there, and count as charged)`;
  const repriced =
    usage === undefined
      ? ""
      : `    usage of ${usage.from} to ${usage.to}: ${usage.charged} credits, under ${usage.newCard} ${usage.repriced}${usage.migrated === undefined ? "" : `, migrated ${usage.migrated}`}${unpriced}\n`;
  const included = allowances
    .map(
      ({ meter, bucket, pinned, newer, used }) =>
        `    ${bucket} of ${meter} included: ${pinned}, migrated ${newer} (${used} used so far)\n`,
    )
    .join("");
  return `  ${workspace} on ${planVersion}${version}\n${negotiatedText(one)}${bill}${included}${repriced}`;
}

function billText({ nextBill, billedUsage }: SubscriptionImpact): string {
  if (nextBill === undefined) return "";
  const { pinned, newer } = nextBill;
  const migrated = newer === undefined ? "which is refused" : moneyText(newer);
  const usage =
    billedUsage === undefined
      ? ""
      : `    usage billed so far: ${moneyText(billedUsage.pinned)}, at the newer prices ${moneyText(billedUsage.newer)}\n`;
  return `    next bill: ${moneyText(pinned)}, migrated ${migrated}\n${usage}`;
}

const negotiatedText = ({ negotiated, negotiatedLater = [] }: SubscriptionImpact): string =>
  [
    ...(negotiated === undefined ? [] : [["negotiated", negotiated] as const]),
    ...negotiatedLater.map((one) => ["negotiated for later", one] as const),
  ]
    .map(([what, terms]) => `    ${what}: ${JSON.stringify(terms)}\n`)
    .join("");

/** As people write it: 40.00 USD. */
function moneyText({ amount, currency }: { amount: string; currency: string }): string {
  const digits = minorDigits(currency) ?? 0;
  const [sign, units] = amount.startsWith("-") ? ["-", amount.slice(1)] : ["", amount];
  const text = units.padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return `${sign}${whole}${digits === 0 ? "" : `.${text.slice(-digits)}`} ${currency}`;
}

/** What is to be migrated, and when. */
export interface MigrateOptions extends Place {
  readonly plan: string;
  readonly workspace?: readonly string[];
  readonly when: "now" | "period_end";
  readonly preview?: boolean;
}

/** `cistern catalog migrate`: to the version in force; one that is refused does not stop the others. */
export async function runMigrate(options: MigrateOptions): Promise<void> {
  const { plan, workspace: chosen, when, preview = false } = options;
  await withCalls(options, async (call) => {
    const { content } = await call("GET", "/v1/catalog/current", CatalogSchema);
    const plans = new Map(Object.entries(content["plans"] ?? {}));
    if (!plans.has(plan))
      throw new ServerFault(
        `The catalog in force has no plan ${plan}; it has ${[...plans.keys()].join(", ") || "none"}.`,
      );
    let moved = 0;
    let refused = 0;
    for await (const { subscriptions } of pagesOf(call, content))
      for (const one of subscriptions) {
        const isMeant = chosen === undefined || chosen.includes(one.workspace);
        if (one.plan !== plan || one.newerVersion === undefined || !isMeant) continue;
        if (await migrate(call, one, { when, preview })) moved += 1;
        else refused += 1;
      }
    const verb = preview ? "would move" : "moved";
    process.stdout.write(`${moved} subscription(s) ${verb} to the newest ${plan}.\n`);
    if (refused > 0) process.exitCode = exitCodes.failed;
  });
}

/** Whether it was done; a preview is the answer of the act. */
async function migrate(
  call: CallServer,
  { workspace, plan, planVersion }: SubscriptionImpact,
  { when, preview }: { readonly when: "now" | "period_end"; readonly preview: boolean },
): Promise<boolean> {
  const path = `/v1/workspaces/${encodeURIComponent(workspace)}/subscription`;
  const body = { plan, repin: true, change: when };
  try {
    const change = preview
      ? await call("POST", `${path}/preview`, SubscriptionChangeSchema, body)
      : await call("PUT", path, SubscriptionChangeSchema, body);
    process.stdout.write(migratedText(workspace, planVersion, change));
    return true;
  } catch (error) {
    if (!(error instanceof ServerFault)) throw error;
    process.stderr.write(`  ${workspace}: ${error.message}\n`);
    return false;
  }
}

function migratedText(
  workspace: string,
  before: string,
  { subscription, lines, amount, credits }: SubscriptionChange,
): string {
  const { next, planVersion, period } = subscription;
  const from = next === undefined ? "now" : period.end;
  const what = lines.map((line) => `    ${lineText(line)}\n`).join("");
  return `  ${workspace}: ${before} -> ${next?.planVersion ?? planVersion}, from ${from}: ${moneyText(amount)}, ${credits} credits\n${what}`;
}

const lineText = ({ kind, about, quantity, amount }: InvoiceLine): string =>
  `${kind} ${about} x ${quantity}: ${moneyText(amount)}`;
