import type { Figures } from "../measurements/measurement.ts";
import { judge } from "./targets.ts";

/** The figures as a table for people: name, value, target, verdict. */
export function renderTable(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, value]) => {
    const verdict = judge(name, figures);
    const mark = verdict.reached === undefined ? "" : verdict.reached ? "reached" : "SHORT";
    return [name, renderNumber(value), verdict.target, mark];
  });
  const table = [["figure", "value", "target", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 1 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Three digits that matter; whole numbers from a thousand up. */
function renderNumber(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
