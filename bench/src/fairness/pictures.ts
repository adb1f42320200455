/** Owns the pictures of `docs/fairness.md`, drawn from the results by Vega-Lite. Lines and words take the colour of the page, light or dark. */
import { View, parse } from "vega";
import { type TopLevelSpec, compile } from "vega-lite";
import { policyNames } from "./policies.ts";
import type { Results } from "./results.ts";

/** Files by name. */
export async function pictures(results: Results): Promise<Readonly<Record<string, string>>> {
  return {
    "denied.svg": await drawn(bars(results, "lightDenial", "light members' credits refused")),
    "used.svg": await drawn(bars(results, "use", "of what could be used, was used")),
    "story.svg": await drawn(storyOf(results)),
  };
}

const half = "a pool of half of demand";
const most = "a pool of 80 % of demand";
const palette = { ours: "#2f81d6", others: "#b3722f", hog: "#c7504a" };

function bars({ means }: Results, figure: "lightDenial" | "use", title: string): TopLevelSpec {
  const values = Object.entries(means).flatMap(([policy, bySize]) =>
    (["pool50", "pool80"] as const).map((size) => ({
      policy: policyNames[policy] ?? policy,
      pool: size === "pool50" ? half : most,
      value: bySize[size][figure],
      isOurs: ["strict", "balanced", "lend_early"].includes(policy),
    })),
  );
  const y = {
    field: "policy",
    type: "nominal",
    sort: Object.values(policyNames),
    title: null,
  } as const;
  const x = {
    field: "value",
    type: "quantitative",
    title,
    axis: { format: ".0%", tickCount: 5 },
  } as const;
  const scale = { domain: [0, figure === "use" ? 1.1 : 0.65] };
  return {
    description: `By policy: ${title}`,
    data: { values },
    facet: { column: { field: "pool", type: "nominal", title: null, sort: [half, most] } },
    spec: {
      width: 210,
      height: { step: 24 },
      layer: [
        {
          mark: { type: "bar", cornerRadiusEnd: 2 },
          encoding: {
            x: { ...x, scale },
            y,
            color: {
              field: "isOurs",
              type: "nominal",
              scale: { domain: [true, false], range: [palette.ours, palette.others] },
              legend: null,
            },
          },
        },
        {
          mark: { type: "text", align: "left", dx: 4, color: "currentColor" },
          encoding: {
            x: { field: "value", type: "quantitative" },
            y,
            text: { field: "value", type: "quantitative", format: ".1%" },
          },
        },
      ],
    },
  };
}

function storyOf({ story }: Results): TopLevelSpec {
  const values = Object.entries(story).flatMap(([policy, points]) =>
    points.flatMap(({ day, hog, others }) => [
      { policy: policyNames[policy] ?? policy, day, who: "the script", part: hog },
      { policy: policyNames[policy] ?? policy, day, who: "nine people", part: others },
    ]),
  );
  return {
    description: "What a script and nine people used of a pool, day by day",
    data: { values },
    facet: {
      column: {
        field: "policy",
        type: "nominal",
        title: null,
        sort: Object.values(policyNames),
      },
    },
    spec: {
      width: 230,
      height: 170,
      mark: { type: "area", opacity: 0.85 },
      encoding: {
        x: { field: "day", type: "quantitative", title: "day of the period" },
        y: {
          field: "part",
          type: "quantitative",
          stack: "zero",
          title: "of the pool, used so far",
          axis: { format: ".0%" },
          scale: { domain: [0, 1] },
        },
        color: {
          field: "who",
          type: "nominal",
          title: null,
          scale: { domain: ["nine people", "the script"], range: [palette.ours, palette.hog] },
        },
      },
    },
  };
}

const ink = "currentColor";

/** Drawn without a browser; the page decides about the ink. */
async function drawn(spec: TopLevelSpec): Promise<string> {
  const { spec: full } = compile({
    ...spec,
    background: "transparent",
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        labelColor: ink,
        titleColor: ink,
        tickColor: ink,
        domainColor: ink,
        gridColor: ink,
        gridOpacity: 0.15,
        labelLimit: 240,
        titleFontWeight: "normal",
      },
      header: { labelColor: ink, titleColor: ink, labelFontWeight: "bold" },
      legend: { labelColor: ink, titleColor: ink, orient: "bottom" },
      text: { color: ink },
    },
  });
  const svg = await new View(parse(full), { renderer: "none" }).toSVG();
  return `${svg.replace(/(<svg[^>]*>)/, `$1${style}`)}\n`;
}

const style =
  "<style>svg{color:#1f2328}@media (prefers-color-scheme:dark){svg{color:#e6edf3}}</style>";
