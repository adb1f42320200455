/** Owns what a start prints: where it is, the first key, and a call that works as it is printed. */

/** What there is to say. */
export interface Greeted {
  readonly url: string;
  readonly firstKey: string | undefined;
  readonly database: string;
}

/** The text, with the key on a line of its own. */
export function greeting({ url, firstKey, database }: Greeted): string {
  const lines = [
    "Cistern is ready.",
    "",
    `  API        ${url}`,
    `  Reference  ${url}/docs`,
    `  Database   ${database}`,
    "",
  ];
  if (firstKey !== undefined)
    lines.push("The first API key. It is shown this one time; keep it:", firstKey, "");
  lines.push(
    "Create a workspace, grant it 10,000 credits and set 75 aside for a first call:",
    firstHold(url, firstKey ?? "$CISTERN_API_KEY"),
    "",
  );
  return lines.join("\n");
}

/** In a workspace of its own: the examples of the README and of the reference make `acme`. */
const operations = [
  {
    method: "POST",
    path: "/v1/workspaces",
    idempotencyKey: "first-workspace",
    body: { id: "first", name: "First" },
  },
  {
    method: "POST",
    path: "/v1/workspaces/first/grants",
    idempotencyKey: "first-grant",
    body: { credits: "10000", source: "purchase" },
  },
  {
    method: "POST",
    path: "/v1/workspaces/first/holds",
    idempotencyKey: "first-hold",
    body: { member: "ana", credits: "75" },
  },
];

/** One curl, so that it can be pasted; a second time it answers the same. */
function firstHold(url: string, key: string): string {
  const rows = operations.map((operation) => `  ${JSON.stringify(operation)}`).join(",\n");
  return [
    `curl -sS ${url}/v1/batch \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '{ "operations": [`,
    rows,
    "]}'",
  ].join("\n");
}
