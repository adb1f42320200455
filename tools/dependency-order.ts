/** Who may import whom (DESIGN: parts): one row a part, in dependency order. A part is entered through its `index.ts`. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  "packages/kernel/src": [],
  "packages/contract/src": [],
  "packages/client/src": ["type @cistern/contract"],
  "packages/server/src/host": ["@cistern/kernel", "@cistern/contract"],
  "packages/server/src/database": [],
  "packages/server/src/background": [],
  "packages/server/src/catalog": ["@cistern/kernel", "@cistern/contract", "database"],
  "packages/server/src/journal": ["@cistern/kernel", "database"],
  "packages/server/src/engine": ["@cistern/kernel", "journal"],
  "packages/server/src/feed": ["database", "engine"],
  "packages/server/src/insights": ["@cistern/kernel"],
  "packages/server/src/books": ["@cistern/kernel", "journal", "engine"],
  "packages/server/src/payments": ["@cistern/kernel", "engine"],
  "packages/server/src/billing": [
    "@cistern/kernel",
    "@cistern/contract",
    "database",
    "engine",
    "books",
    "background",
  ],
  "packages/server/src/projections": [
    "@cistern/kernel",
    "@cistern/contract",
    "database",
    "journal",
    "engine",
  ],
  "packages/server/src/audit": ["@cistern/kernel", "database", "journal", "engine", "projections"],
  "packages/server/src/watching": ["@cistern/kernel", "database", "journal", "engine", "insights"],
  "packages/server/src/recommending": [
    "@cistern/kernel",
    "@cistern/contract",
    "database",
    "engine",
    "insights",
  ],
  "packages/server/src/top-ups": [
    "@cistern/kernel",
    "database",
    "engine",
    "background",
    "payments",
  ],
  "packages/server/src/outbound": [
    "@cistern/kernel",
    "@cistern/contract",
    "database",
    "journal",
    "engine",
  ],
  "packages/server/src/identity": ["@cistern/contract", "database"],
  "packages/server/src/gateway": ["@cistern/client", "host"],
  "packages/server/src/ingest": ["@cistern/kernel", "@cistern/contract", "database", "engine"],
  "packages/server/src/api": [
    "@cistern/kernel",
    "@cistern/contract",
    "catalog",
    "journal",
    "engine",
    "feed",
    "insights",
    "recommending",
    "books",
    "billing",
    "payments",
    "projections",
    "identity",
    "outbound",
    "ingest",
  ],
  // What a vendor's program may import; the tests beside it are ours.
  examples: ["@cistern/contract", "@cistern/client", "cistern"],
};

const packageNames = ["@cistern/kernel", "@cistern/contract", "@cistern/client", "cistern"];
const serverRoot = "packages/server/src/";
const serverParts = Object.keys(mayImport)
  .filter((folder) => folder.startsWith(serverRoot))
  .map((folder) => folder.slice(serverRoot.length));

/**
 * The table above as overrides of the linter, one a row. All patterns of a row are made here, since a later override of
 * `no-restricted-imports` would replace an earlier one. No look-ahead: a regex that cannot be compiled is
 * dropped silently. All parts stand in one group, since a path that any group lets in is let in.
 */
export function dependencyOrder(): {
  files: string[];
  excludeFiles: string[];
  rules: Record<string, ["error", object]>;
}[] {
  return Object.entries(mayImport).map(([folder, allowed]) => {
    const typesOnly = allowed
      .filter((name) => name.startsWith("type "))
      .map((name) => name.slice(5));
    const forbidden = packageNames.filter(
      (name) => !allowed.includes(name) && !typesOnly.includes(name),
    );
    const others = serverParts.filter((part) => !folder.endsWith(`/${part}`));
    const above = others.filter((part) => !allowed.includes(part));
    const patterns: object[] = [
      {
        regex: `^(${forbidden.join("|")})(/|$)`,
        message: "This part may not import that package.",
      },
      {
        regex: "^(\\.\\./)+(kernel|contract|client|server|dashboard)/",
        message: "Import another package by its name.",
      },
      {
        group: others.flatMap((part) =>
          above.includes(part) ? [`**/${part}/**`] : [`**/${part}/**`, `!**/${part}/index.ts`],
        ),
        message: "A part imports the parts named in its row alone, and through their index.ts.",
      },
    ];
    if (typesOnly.length > 0)
      patterns.push({
        regex: `^(${typesOnly.join("|")})(/|$)`,
        allowTypeImports: true,
        message: "This part takes only types from that package.",
      });
    if (folder === "packages/kernel/src")
      patterns.push({ regex: "^[^.]", message: "The kernel imports nothing." });
    return {
      files: [`${folder}/**/*.ts`],
      excludeFiles: [`${folder}/test/**`],
      rules: { "no-restricted-imports": ["error", { patterns }] },
    };
  });
}
