import type { ReportRow } from "./report.ts";

/** A report for a terminal: its title, then its columns in line; numbers to the right. */
export function reportText(title: string, rows: readonly ReportRow[]): string {
  const [first] = rows;
  if (first === undefined) return `${title}\n  nothing\n`;
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? "")))];
  const widths = columns.map((_name, index) =>
    Math.max(...lines.map((line) => (line[index] ?? "").length)),
  );
  const isNumber = columns.map((name) =>
    rows.every((row) => /^-?[0-9]+(\.[0-9]+)?$/.test(String(row[name]))),
  );
  const printed = lines.map((line) =>
    line
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return isNumber[index] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
  return `${title}\n${printed.map((line) => `  ${line}\n`).join("")}`;
}
