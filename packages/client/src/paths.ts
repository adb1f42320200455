/** Paths of the API, with ids made safe. */
export const paths = {
  workspaces: "/v1/workspaces",
  keys: "/v1/keys",
  key: (id: string) => `/v1/keys/${encodeURIComponent(id)}`,
  workspace: (id: string) => `/v1/workspaces/${encodeURIComponent(id)}`,
  /** Something inside a workspace: `("acme", "holds", "hld_1", "settle")`. */
  within: (workspace: string, ...parts: readonly string[]) =>
    `/v1/workspaces/${[workspace, ...parts].map(encodeURIComponent).join("/")}`,
};
