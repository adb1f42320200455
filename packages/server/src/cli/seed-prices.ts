/** Owns `cistern catalog seed-prices`: the one place that loads the price list, which is an optional package and no part of a server. */
import { type Command, InvalidArgumentError } from "commander";
import type { Fraction } from "fraction.js";
import {
  CatalogFault,
  type ListedModel,
  type Seeded,
  checkCosts,
  decimal,
  defaultCatalogFile,
  listCurrency,
  loadCatalog,
  seedRows,
} from "../catalog/index.ts";
import { platform } from "../server.ts";
import { exitCodes } from "./exit-codes.ts";
import { instantArgument } from "./instant-argument.ts";

/** The package, and the version that this one is tested with. */
const listPackage = "@pydantic/genai-prices@0.1.8";

interface Options {
  readonly provider: string;
  readonly models: string;
  readonly meter: string;
  readonly markup: Fraction;
  readonly creditValue?: Fraction;
  readonly at?: number;
  readonly format: string;
  readonly check?: string | true;
}

/** Adds it below `catalog`. */
export function addSeedPrices(catalog: Command): void {
  catalog
    .command("seed-prices")
    .description("Print rows of a rate card from a list of vendors' prices, or check costs by it")
    .requiredOption("--provider <id>", "such as openai or anthropic")
    .option("--models <pattern>", "of the list's ids, such as 'gpt-5*'", "*")
    .option("--meter <name>", "that the rows are of", "chat")
    .option("--markup <factor>", "what is charged for what it costs", positive, decimal("1"))
    .option("--credit-value <money>", "what a credit is sold for, such as 0.01USD", dollars)
    .option("--at <instant>", "of prices that change, those of then", instantArgument)
    .option("--format <format>", "json or ts", "json")
    .option("--check [file]", "compare the costs in a catalog instead; ends with 1 if any differs")
    .action(run);
}

async function run({ provider, models, at, check, ...options }: Options): Promise<void> {
  const list = await listedModels(provider);
  const wanted = { provider, models, atMs: at ?? platform.now() };
  if (check !== undefined) {
    const file = check === true ? defaultCatalogFile() : check;
    const found = checkCosts(await loadCatalog(file), list, wanted);
    process.stdout.write(checkText(found));
    if (found.differences.length > 0) process.exitCode = exitCodes.failed;
    return;
  }
  const { creditValue, markup, meter, format } = options;
  if (creditValue === undefined)
    throw fault(
      provider,
      "has prices in dollars; say what a credit is sold for, such as --credit-value 0.01USD",
    );
  const creditsPerDollar = markup.div(creditValue);
  const seeded = seedRows(list, { ...wanted, meter, creditsPerDollar });
  process.stdout.write(format === "ts" ? moduleText(seeded, meter) : jsonText(seeded));
  const buckets = `The meter ${meter} needs the buckets ${seeded.buckets.join(", ")}.`;
  process.stderr.write([buckets, ...seeded.notes].map((line) => `${line}\n`).join(""));
}

async function listedModels(provider: string): Promise<readonly ListedModel[]> {
  const { findProvider } = await import("@pydantic/genai-prices").catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw fault(
      provider,
      `cannot be loaded: ${why}. Install it: npm install --save-dev --save-exact ${listPackage}`,
    );
  });
  const found = findProvider({ providerId: provider });
  if (found === undefined)
    throw fault(provider, "is not there: no provider of the list has this id");
  return found.models;
}

const fault = (provider: string, message: string): CatalogFault =>
  new CatalogFault(`The price list of ${provider}`, [{ path: "", message }]);

const jsonText = ({ rows }: Seeded): string => `${JSON.stringify(rows, null, 2)}\n`;

/** Rows to paste into `defineCatalog`. Names that TypeScript takes as they are stand without quotes. */
function moduleText({ rows, buckets }: Seeded, meter: string): string {
  const lines = rows.map((row) => {
    const text = JSON.stringify(row, null, 2).replaceAll(/"([a-zA-Z_]\w*)":/g, "$1:");
    return `${text},\n`;
  });
  return `// ${meter}: { buckets: ${JSON.stringify(buckets)} }\n${lines.join("")}`;
}

function checkText({ compared, differences, unlisted }: ReturnType<typeof checkCosts>): string {
  const lines = [
    ...differences.map((line) => `~ ${line}`),
    ...unlisted.map((line) => `? ${line}`),
    `${compared} rows compared: ${differences.length} differences, ${unlisted.length} rows that the list does not know.`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function positive(text: string): Fraction {
  if (!/^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(text) || /^[0.]+$/.test(text))
    throw new InvalidArgumentError(`${text} is no decimal above 0, such as 1.3.`);
  return decimal(text);
}

function dollars(text: string): Fraction {
  const [, amount, currency] = /^(.*?)([A-Z]{3})$/.exec(text) ?? [];
  if (amount === undefined || currency !== listCurrency)
    throw new InvalidArgumentError(
      `${text} is no amount in ${listCurrency}, in which the list is, such as 0.01USD.`,
    );
  return positive(amount);
}
