/** Writes what the demo measured as text for a terminal. */
import asciichart from "asciichart";
import type { Played } from "./replay.ts";

/** All of it but the verdict. */
export function report(played: Played): string {
  return [usage(played), denials(played), burnDown(played), figures(played)].join("\n\n");
}

function usage({ spent }: Played): string {
  const rows = [...spent].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = rows.reduce((sum, [, { credits }]) => sum + credits, 0n);
  const lines = rows.map(([who, { calls, credits }]) => {
    const permille = total === 0n ? 0n : (credits * 1000n) / total;
    const bar = "█".repeat(Number(permille / 20n));
    return `  ${who.padEnd(22)} ${String(calls).padStart(6)} calls ${whole(credits).padStart(12)} credits  ${bar}`;
  });
  return ["Who used what", ...lines].join("\n");
}

function denials({ denied, released }: Played): string {
  const rows = [...denied].toSorted(([, a], [, b]) => b - a);
  const lines = rows.map(([reason, count]) => {
    const [workspace = "", member = "", ...code] = reason.split("/");
    return `  ${`${workspace}/${member}`.padEnd(22)} ${String(count).padStart(6)} x ${code.join("/")}`;
  });
  const failed = `  ${released} calls failed at the provider before any output: their holds were released.`;
  return ["What was denied, and why", ...lines, failed].join("\n");
}

function burnDown({ burnDown: lines }: Played): string {
  const charts = [...lines].map(([workspace, line]) => {
    const chart = asciichart.plot(line, {
      height: 6,
      format: (value: number) => value.toFixed(0).padStart(10),
    });
    return `  ${workspace}: credits available\n${chart}`;
  });
  return ["How the pools burned down", ...charts].join("\n");
}

function figures({ operations, elapsedMs, authorizeMs }: Played): string {
  const perSecond = (operations / (elapsedMs / 1000)).toFixed(0);
  const sorted = authorizeMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return [
    "Throughput and latency, as the clients saw them over HTTP",
    `  ${operations} durable operations in ${(elapsedMs / 1000).toFixed(1)} s: ${perSecond} a second, as fast as the trace asked for`,
    `  authorize: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  ].join("\n");
}

const whole = (micro: bigint): string => (micro / 1_000_000n).toLocaleString("en-US");
