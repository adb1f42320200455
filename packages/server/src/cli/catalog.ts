import type { Command } from "commander";
import { type Catalog, loadCatalog } from "../catalog/index.ts";

const fileDefault = "cistern.config.ts";

/** `cistern catalog check`: whether a catalog is sound; lists its faults, and exits with 2 where there is one. */
export function addCatalog(program: Command): void {
  program
    .command("catalog")
    .description("Meters and rate cards as code")
    .command("check")
    .description("Say whether a catalog is sound, and list its faults")
    .argument("[file]", "TypeScript, JavaScript or JSON", fileDefault)
    .action(async (file: string) => {
      process.stdout.write(catalogText(await loadCatalog(file)));
    });
}

function catalogText({ hash, meters, rateCards }: Catalog): string {
  const cards = [...rateCards.values()].map(({ id, rows }) => `  ${id}: ${rows.length} rows\n`);
  return `The catalog is sound.\nMeters: ${[...meters.keys()].join(", ")}\nRate cards:\n${cards.join("")}Content: ${hash}\n`;
}
