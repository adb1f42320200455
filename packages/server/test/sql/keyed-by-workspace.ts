/**
 * Owns what "keyed by workspace" means: a table's keys and indexes begin with `workspace_id`, an insert names it, and every
 * other use of a table compares the `workspace_id` of exactly that table.
 */
import { children, isNode, listOf, stringOf, walk, type Node } from "./parse-tree.ts";

const key = "workspace_id";

/** Asked across workspaces, by time, so that nothing is read of those that have nothing due. */
const indexesByTime: ReadonlySet<string> = new Set(["projection_cursors_by_due"]);

/** Where one statement leaves the workspace open. Names of a WITH clause and of the system's catalog are no tables. */
export function unkeyedTables(stmt: Node, controlTables: ReadonlySet<string>): string[] {
  const free = new Set(controlTables);
  walk(stmt, (type, node) => {
    if (type === "CommonTableExpr") free.add(stringOf(node["ctename"]));
  });
  const isFree = (table: Node): boolean =>
    free.has(stringOf(table["relname"])) ||
    stringOf(table["relname"]).startsWith("pg_") ||
    stringOf(table["schemaname"]) === "information_schema";
  const found: string[] = [];
  walk(stmt, (type, node) => {
    const [relation] = children(node, "relation");
    if (relation !== undefined && !isFree(relation))
      for (const breach of changeRules[type]?.(node) ?? [])
        found.push(`${breach}: ${stringOf(relation["relname"])}`);
    if (/^(Select|Update|Delete)Stmt$/.test(type)) found.push(...unboundTables(type, node, isFree));
    if (type === "MergeStmt") found.push("no workspace: MERGE");
  });
  return found;
}

/** Statements that make tables, keys and rows. */
const changeRules: Readonly<Record<string, (node: Node) => string[]>> = {
  CreateStmt: (node) => {
    const columns = elements(node["tableElts"], "ColumnDef");
    const constraints = [
      ...elements(node["tableElts"], "Constraint").map((constraint) => ({ constraint, own: "" })),
      ...columns.flatMap((column) =>
        elements(column["constraints"], "Constraint").map((constraint) => ({
          constraint,
          own: stringOf(column["colname"]),
        })),
      ),
    ];
    const isKeyed = constraints.some(
      ({ constraint }) => constraint["contype"] === "CONSTR_PRIMARY",
    );
    return [
      ...(columns.some((column) => column["colname"] === key) ? [] : ["table without workspace"]),
      ...(isKeyed ? [] : ["table without primary key"]),
      ...constraints.flatMap(({ constraint, own }) => keyRule(constraint, own)),
    ];
  },
  AlterTableStmt: (node) =>
    elements(node["cmds"], "AlterTableCmd").flatMap((command) =>
      children(command, "def").flatMap((def) => [
        ...children(def, "Constraint").flatMap((constraint) => keyRule(constraint, "")),
        ...children(def, "ColumnDef").flatMap((column) =>
          elements(column["constraints"], "Constraint").flatMap((constraint) =>
            keyRule(constraint, stringOf(column["colname"])),
          ),
        ),
      ]),
    ),
  IndexStmt: (node) => {
    const [first] = elements(node["indexParams"], "IndexElem");
    const isKeyed = first?.["name"] === key || indexesByTime.has(stringOf(node["idxname"]));
    return isKeyed ? [] : ["index without workspace first"];
  },
  InsertStmt: (node) => {
    const isNamed = elements(node["cols"], "ResTarget").some((column) => column["name"] === key);
    const inferred = children(node, "onConflictClause").flatMap((clause) =>
      children(clause, "infer").flatMap((infer) => elements(infer["indexElems"], "IndexElem")),
    );
    const isInferred = inferred.length === 0 || inferred.some((element) => element["name"] === key);
    return isNamed && isInferred ? [] : ["no workspace"];
  },
};

function keyRule(constraint: Node, ownColumn: string): string[] {
  if (!/^CONSTR_(PRIMARY|UNIQUE)$/.test(stringOf(constraint["contype"]))) return [];
  const [first = { sval: ownColumn }] = elements(constraint["keys"], "String");
  return first["sval"] === key ? [] : ["key without workspace first"];
}

/**
 * Tables of one SELECT, UPDATE or DELETE that no condition of that very statement ties to one workspace: by comparing its own
 * `workspace_id` with something from outside, or with that of a table that is tied itself. A SELECT may walk over them.
 */
function unboundTables(type: string, node: Node, isFree: (table: Node) => boolean): string[] {
  const tables: Node[] = type === "SelectStmt" ? [] : [...children(node, "relation")];
  const equalities: (readonly [string, string])[] = [];
  const isWalk = node["limitCount"] !== undefined && node["sortClause"] !== undefined;
  const scope = [node["fromClause"], node["usingClause"], node["whereClause"]];
  walk(scope, (inner, found) => {
    if (/^(Select|Update|Delete|Insert)Stmt$/.test(inner)) return false;
    if (inner === "RangeVar") tables.push(found);
    if (inner === "A_Expr" && (isEquality(found) || (isWalk && isStep(found))))
      equalities.push([workspaceOf(found["lexpr"]), workspaceOf(found["rexpr"])]);
    return true;
  });
  const unbound = new Map(
    tables.filter((table) => !isFree(table)).map((table) => [`${nameOf(table)}.`, table]),
  );
  // Without a qualifier it is the only table's; of several it stays open whose it is.
  const only = unbound.size === 1 ? [...unbound.keys()][0] : undefined;
  const whose = (side: string): string | undefined => (side === "." ? only : side);
  for (let before = -1; before !== unbound.size;) {
    before = unbound.size;
    for (const [left, right] of equalities.map(([l, r]) => [whose(l), whose(r)] as const)) {
      if (left === undefined || right === undefined) continue;
      if (!unbound.has(right)) unbound.delete(left);
      else if (!unbound.has(left)) unbound.delete(right);
    }
  }
  return [...unbound.values()].map((table) => `no workspace: ${stringOf(table["relname"])}`);
}

function nameOf(table: Node): string {
  const [alias] = children(table, "alias");
  return stringOf(alias?.["aliasname"] ?? table["relname"]);
}

function isEquality(expression: Node): boolean {
  const [name] = elements(expression["name"], "String");
  const kind = stringOf(expression["kind"]);
  return name?.["sval"] === "=" && /^AEXPR_(OP|OP_ANY|IN)$/.test(kind);
}

/** A walk over all workspaces goes by their key, a bounded page a statement: `workspace_id > $1 ORDER BY … LIMIT`. */
function isStep(expression: Node): boolean {
  const [name] = elements(expression["name"], "String");
  return name?.["sval"] === ">";
}

/** "alias." for `alias.workspace_id`, "." for `workspace_id`, "" for anything else. */
function workspaceOf(side: unknown): string {
  if (!isNode(side)) return "";
  const names = children(side, "ColumnRef").flatMap((column) =>
    elements(column["fields"], "String").map((field) => stringOf(field["sval"])),
  );
  if (names.at(-1) !== key) return "";
  return names.length > 1 ? `${names.at(-2)}.` : ".";
}

function elements(list: unknown, type: string): readonly Node[] {
  return listOf(list).flatMap((element) => (isNode(element) ? children(element, type) : []));
}
