/** `npm run books:check -- --seed N`: a random year of 50 workspaces, judged by hledger and beancount. */
import { AssertionError } from "node:assert/strict";
import { parseArgs } from "node:util";
import { missing } from "./accounting-tools.ts";
import { checkBooks } from "./check-books.ts";
import { seed as anySeed } from "./random-journals.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(anySeed) },
    workspaces: { type: "string", default: "50" },
    wishes: { type: "string", default: "150" },
  },
});
const seed = Number(values.seed);
if (missing.length > 0) {
  process.stderr.write(
    `${missing.join(" and ")} not found. Run: apt-get install hledger beancount\n`,
  );
  process.exit(1);
}
try {
  await checkBooks({
    seed,
    workspaces: Number(values.workspaces),
    wishes: Number(values.wishes),
    say: (line) => process.stdout.write(`${line}\n`),
  });
} catch (error) {
  if (!(error instanceof AssertionError)) throw error;
  process.stderr.write(`Seed ${seed}: ${error.message}\n`);
  process.exit(1);
}
