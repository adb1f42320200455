/** Paths of the API, with ids made safe. */
export const paths = {
  workspaces: "/v1/workspaces",
  keys: "/v1/keys",
  issuer: "/v1/billing/issuer",
  key: (id: string): string => pathOf("keys", id),
  /** Something inside a workspace: `("acme", "holds", "hld_1", "settle")`. */
  within: (workspace: string, ...parts: readonly string[]): string =>
    pathOf("workspaces", workspace, ...parts),
  /** Something of no workspace: `("events")`. */
  ofAll: (...parts: readonly string[]): string => pathOf(...parts),
  consumer: (id: string, ...parts: readonly string[]): string => pathOf("consumers", id, ...parts),
  books: (report: string): string => pathOf("books", report),
  catalog: (...parts: readonly string[]): string => pathOf("catalog", ...parts),
};

const pathOf = (...parts: readonly string[]): string =>
  `/v1/${parts.map(encodeURIComponent).join("/")}`;

/** A path with the parameters that are given. */
export function withQuery(path: string, query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}
