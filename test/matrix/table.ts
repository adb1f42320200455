/** Owns how the matrix is printed: as a page of the documents, and as JSON. */
import { type End, situations } from "./cell.ts";
import type { NotPlayed, Played } from "./play.ts";

/** The page. */
export function pageOf(played: readonly (Played | NotPlayed)[]): string {
  const sdks = [...new Set(played.map(({ sdk }) => sdk))];
  const parts = sdks.map((sdk) => {
    const rows = situations.flatMap((situation) => {
      const cell = played.find((one) => one.sdk === sdk && one.situation === situation);
      return cell === undefined ? [] : [[situation, textOf(cell)]];
    });
    return [`## ${sdk}`, "", ...table(["situation", "how the holds end"], rows)].join("\n");
  });
  return `${[head, overview(sdks, played), ...parts].join("\n\n")}\n`;
}

/** All of it at a glance. */
function overview(sdks: readonly string[], played: readonly (Played | NotPlayed)[]): string {
  const lines = sdks.map((sdk) => {
    const own = played.filter((cell) => cell.sdk === sdk);
    return [sdk, ...own.map((cell) => ("none" in cell ? "—" : cell.got.map(signOf).join(" ")))];
  });
  const none = played.filter((cell) => "none" in cell).length;
  const count = `${played.length - none} cells, and ${none} that cannot be: \`=\` charged by the provider's word, \`≈\` reckoned, \`0\` given back, \`—\` cannot be.`;
  return [count, "", ...table(["", ...situations], lines)].join("\n");
}

function signOf(end: End): string {
  if (end === "released") return "0";
  return end.estimated === true ? "≈" : "=";
}

/** A table as the formatter of documents leaves it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

const head = `# How calls end

Printed by \`npm run matrix\` from a run of the real SDKs against a real server; what is right stands in \`test/matrix/told\` and \`rows\`, written by hand. In each cell the program
saw the same with and without metering. "about" marks what was reckoned, and says so on its usage row (\`estimated\`). Where a case cannot be, the reason stands
in its place. Each bucket has a price of its own here; what a catalog does not price is counted as what it is a part of.`;

function textOf(cell: Played | NotPlayed): string {
  if ("none" in cell) return `— ${cell.none}`;
  return cell.got.length === 0 ? "no hold" : cell.got.map(endText).join(", then ");
}

function endText(end: End): string {
  if (end === "released") return "released";
  const usage = Object.entries(end.usage)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([bucket, quantity]) => `${quantity.toLocaleString("en")} \`${bucket}\``)
    .join(" + ");
  return `${end.outcome}: ${end.estimated === true ? "about " : ""}${usage === "" ? "nothing" : usage}`;
}

/** Cell by cell: what is right, and what came. */
export function jsonOf(played: readonly (Played | NotPlayed)[]): object {
  return Object.fromEntries(
    played.map((cell) => [
      `${cell.sdk} / ${cell.situation}`,
      "none" in cell
        ? { none: cell.none }
        : {
            expected: cell.expected,
            got: cell.got,
            ...(cell.isUnchanged ? {} : { seenWithout: cell.bare, seenWith: cell.metered }),
          },
    ]),
  );
}
