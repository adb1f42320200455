import { type CreditWords, creditText, printInstant } from "@cistern/contract";
import type { Pack } from "@cistern/kernel";
import { type Command, Option } from "commander";
import type { Pool } from "pg";
import { amountText } from "../books/index.ts";
import {
  type Catalog,
  defaultCatalogFile,
  loadCatalog,
  pushCatalog,
  pushStatementMs,
  versionsAfter,
} from "../catalog/index.ts";
import { migrate, openDatabase } from "../database/index.ts";
import { readSettings } from "../host/index.ts";
import { nodeMigrations } from "../node-migrations.ts";
import { platform } from "../server.ts";
import type { CatalogPlace } from "./catalog-place.ts";
import type { Place } from "./catalog-calls.ts";
import { runDiff } from "./catalog-impact.ts";
import { runMigrate } from "./catalog-migrate.ts";
import { serverCatalog } from "./catalog-server.ts";
import { instantArgument } from "./instant-argument.ts";
import { addSeedPrices } from "./seed-prices.ts";

const fileHelp = "TypeScript, JavaScript or JSON";

/** `cistern catalog check | diff | push | migrate`; where the catalog has faults they list them, and exit with 2. */
export function addCatalog(program: Command): void {
  const catalog = program
    .command("catalog")
    .description("What you sell, as code: meters, rate cards, outcomes, plans and packs");
  catalog
    .command("check")
    .description("Say whether a catalog is sound, and list its faults")
    .argument("[file]", fileHelp, defaultCatalogFile())
    .action(async (file: string) => {
      process.stdout.write(catalogText(await loadCatalog(file)));
    });
  const diff = catalog
    .command("diff")
    .description("Say what a push would change")
    .argument("[file]", fileHelp, defaultCatalogFile())
    .action(runDiff);
  const push = catalog
    .command("push")
    .description(
      "Make a catalog the newest version; it takes effect a minute later, or when you say",
    )
    .argument("[file]", fileHelp, defaultCatalogFile())
    .option(
      "--effective-at <instant>",
      "from when on, such as 2026-12-01T00:00:00Z",
      instantArgument,
    )
    .action(runPush);
  const migrating = catalog
    .command("migrate")
    .description(
      "Move subscriptions to the newest version of their plan; what they bought stays untouched",
    )
    .requiredOption("--plan <name>", "the plan that they are on")
    .option("--workspace <id...>", "these alone; left out, all of the plan")
    .addOption(
      new Option("--when <when>", "at the end of each period, or at once, prorated")
        .choices(["now", "period_end"])
        .default("period_end"),
    )
    .option("--preview", "say what it would come to, and change nothing")
    .action(runMigrate);
  for (const command of [diff, push, migrating])
    command
      .addOption(
        new Option("--url <url>", "of a running server; left out, its database").env("CISTERN_URL"),
      )
      .addOption(new Option("--key <key>", "an admin key of that server").env("CISTERN_KEY"));
  addSeedPrices(catalog);
}

async function runPush(
  file: string,
  { effectiveAt, ...place }: Place & { readonly effectiveAt?: number },
): Promise<void> {
  const catalog = await loadCatalog(file);
  await withPlace(place, async (there) => {
    const pushed = await there.push(catalog, effectiveAt);
    const from = printInstant(pushed.effectiveAtMs);
    process.stdout.write(
      pushed.isSame
        ? `Version ${pushed.version} is this catalog already, in effect from ${from}; nothing was changed.\n`
        : `Version ${pushed.version} takes effect at ${from}. Holds that are open by then settle at the prices they were opened with.\n`,
    );
  });
}

async function withPlace(
  { url, key }: Place,
  work: (place: CatalogPlace) => Promise<void>,
): Promise<void> {
  if (url !== undefined && url !== "") return await work(serverCatalog({ url, key }));
  await withPool((pool) =>
    work({
      latest: async () => (await versionsAfter(pool, 0)).at(-1),
      push: (catalog, effectiveAtMs) =>
        pushCatalog(pool, catalog, { effectiveAtMs, now: () => platform.now() }),
    }),
  );
}

/** The schema is brought up to date first, as `serve` does. */
async function withPool(work: (pool: Pool) => Promise<void>): Promise<void> {
  const { databaseUrl, folder } = readSettings(process.env);
  const { host, randomUuid } = platform;
  const database = await openDatabase({ url: databaseUrl, folder, host, randomUuid });
  try {
    const migrating = database.openPool({ purpose: "migrate", connectionsMax: 1 });
    await migrate(migrating, await nodeMigrations());
    const pool = database.openPool({
      purpose: "catalog",
      connectionsMax: 1,
      statementMs: pushStatementMs,
    });
    await work(pool);
  } finally {
    await database.close();
  }
}

/** All that is in it, so that nobody need guess whether a part was read. */
function catalogText({
  hash,
  credits,
  meters,
  rateCards,
  outcomes,
  plans,
  packs,
}: Catalog): string {
  const cards = [...rateCards.values()].map(({ id, rows }) => `  ${id}: ${rows.length} rows\n`);
  const listed = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? "" : `${title}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  return [
    "The catalog is sound.\n",
    `Credits: ${creditText(sampleCredits, credits)}\n`,
    `Meters: ${[...meters.keys()].join(", ")}\n`,
    `Rate cards:\n${cards.join("")}`,
    listed(
      "Outcomes",
      [...outcomes].map(([type, { kind }]) => `${type}, ${outcomeKinds[kind]}`),
    ),
    listed(
      "Plans",
      [...plans.values()].map(({ version, currency }) => `${version}, in ${currency}`),
    ),
    listed(
      "Packs",
      [...packs].map(([name, pack]) => `${name}: ${packText(pack, credits)}`),
    ),
    `Content: ${hash}\n`,
  ].join("");
}

const outcomeKinds = { quantity: "by quantity", conversation: "of a conversation" } as const;
/** Enough to see the thousands and the decimals. */
const sampleCredits = 1_234_500_000n;

const packText = ({ price, currency, credits, bonus }: Pack, words: CreditWords): string =>
  `${creditText(credits, words)}${bonus === 0n ? "" : ` and ${creditText(bonus, words)} as a bonus`} for ${amountText(price, currency)} ${currency}`;
