/** The parser's tree, walked without its types: every node is an object whose one member is named like its type. */
export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The member of this name as a list of one node, or of none. */
export function children(node: Node, key: string): readonly Node[] {
  const child = node[key];
  return isNode(child) ? [child] : [];
}

/** Members that the parser gives bare, without the type around them. */
const bareTypes: Readonly<Record<string, string>> = {
  relation: "RangeVar",
  withClause: "WithClause",
  onConflictClause: "OnConflictClause",
  infer: "InferClause",
  typeName: "TypeName",
};

/**
 * Calls `enter` for each node with its type, parents first. What lies below a node for which `enter` answers `false` is left
 * out.
 */
export function walk(value: unknown, enter: (type: string, node: Node) => boolean | void): void {
  if (Array.isArray(value)) {
    for (const element of value) walk(element, enter);
  } else if (isNode(value)) {
    for (const [key, child] of Object.entries(value)) {
      const type = bareTypes[key] ?? (/^[A-Z]/.test(key) ? key : branchType(key, child));
      const goesOn = type !== undefined && isNode(child) ? enter(type, child) !== false : true;
      if (goesOn) walk(child, enter);
    }
  }
}

/** The two sides of a UNION are bare statements; those of a JOIN, named alike, are not bare. */
function branchType(key: string, child: unknown): string | undefined {
  const isBranch = /^[lr]arg$/.test(key) && isNode(child) && child["op"] !== undefined;
  return isBranch ? "SelectStmt" : undefined;
}
