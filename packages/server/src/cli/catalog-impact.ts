/** Owns `catalog diff`: what a catalog would mean for subscriptions. */
import {
  CatalogDiffSchema,
  CatalogVersionPageSchema,
  type CatalogDiff,
  type Money,
  type NegotiatedPrices,
  type SubscriptionImpact,
  creditFigure,
  creditText,
  readCredits,
} from "@cistern/contract";
import { amountText } from "../books/index.ts";
import { type Catalog, loadCatalog } from "../catalog/index.ts";
import { type Place, withCalls } from "./catalog-calls.ts";
import type { CallServer } from "./catalog-server.ts";

/** `cistern catalog diff`. */
export async function runDiff(file: string, place: Place): Promise<void> {
  const catalog = await loadCatalog(file);
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
    for await (const { changes, subscriptions } of pagesOf(call, JSON.parse(catalog.content))) {
      if (isFirst)
        process.stdout.write(
          changes.length === 0 ? "Nothing changes.\n" : changes.map(changeText).join(""),
        );
      isFirst = false;
      if (touched === 0 && subscriptions.length > 0)
        process.stdout.write("Subscriptions that it touches; a push changes none of them:\n");
      touched += subscriptions.length;
      process.stdout.write(subscriptions.map((one) => impactText(one, catalog)).join(""));
    }
  });
}

/** All pages of workspaces that a catalog touches. */
export async function* pagesOf(call: CallServer, content: unknown): AsyncGenerator<CatalogDiff> {
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

function impactText(one: SubscriptionImpact, { credits: words, meters }: Catalog): string {
  const { workspace, planVersion, newerVersion, usage, allowances = [] } = one;
  const migrated = newerVersion === undefined ? "" : `; ${newerVersion} when it is migrated`;
  const version = one.planRemoved === true ? "; the catalog has no such plan any more" : migrated;
  const bill = billText(one);
  const unpriced =
    usage === undefined || usage.unpriced === 0
      ? ""
      : ` (${usage.unpriced} rows have no price there, and count as charged)`;
  const figure = (credits: string): string => creditFigure(readCredits(credits), words);
  const repriced =
    usage === undefined
      ? ""
      : `    usage of ${usage.from} to ${usage.to}: ${creditText(readCredits(usage.charged), words)}, under ${usage.newCard} ${figure(usage.repriced)}${usage.migrated === undefined ? "" : `, migrated ${figure(usage.migrated)}`}${unpriced}\n`;
  const included = allowances
    .map(
      ({ meter, bucket, pinned, newer, used }) =>
        `    ${bucket}${meters.get(meter)?.kind === "level" ? " hours" : ""} of ${meter} included: ${pinned}, migrated ${newer} (${used} used so far)\n`,
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
    .map(([what, terms]) => `    ${what}: ${termsText(terms)}\n`)
    .join("");

/** Prices by name, money as people write it. */
const termsText = (terms: NegotiatedPrices): string =>
  Object.entries(terms)
    .map(([name, price]) => {
      if (typeof price === "string") return `${name} ${price}`;
      return `${name} ${isMoney(price) ? moneyText(price) : JSON.stringify(price)}`;
    })
    .join(", ");

const isMoney = (price: object): price is Money => "amount" in price && "currency" in price;

/** Money of the API, such as `40.00 USD`. */
export const moneyText = ({ amount, currency }: { amount: string; currency: string }): string =>
  `${amountText(BigInt(amount), currency)} ${currency}`;
