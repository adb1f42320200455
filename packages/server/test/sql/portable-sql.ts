/**
 * Owns what our SQL may not use, so that the same statements run on PostgreSQL, Citus, YugabyteDB, CockroachDB and Aurora.
 * Each rule looks at one node of the parsed statement; what it refuses is the rule's name.
 */
import { parseSync } from "libpg-query";
import { unkeyedTables } from "./keyed-by-workspace.ts";
import { children, isNode, listOf, stringOf, walk, type Node } from "./parse-tree.ts";

/** Small reference tables that every node of a distributed engine has whole; they have no `workspace_id`. */
export const controlTables: ReadonlySet<string> = new Set([
  "schema_guard",
  "schema_migrations",
  "api_keys",
  "catalog_versions",
  "catalog_versions_told",
  "feed_consumers",
  "invoice_numbers",
  "invoice_issuers",
  "webhook_endpoints",
  "webhook_attempts",
]);

/** What is refused in `sql`: names of rules, each with what it was found on. Throws when it is not SQL at all. */
export function breaches(sql: string): string[] {
  const { stmts = [] } = parseSync(sql);
  return stmts.flatMap(({ stmt }) => {
    if (!isNode(stmt)) return [];
    const found: string[] = [];
    walk(stmt, (type, node) => {
      const rule = rules[type]?.(node);
      if (rule !== undefined) found.push(rule);
    });
    return [
      ...found,
      ...valuesAsData(stmt),
      ...changedTwice(stmt),
      ...unkeyedTables(stmt, controlTables),
    ];
  });
}

/** What one node of a type breaks, if anything. */
const rules: Readonly<Record<string, (node: Node) => string | undefined>> = {
  CreateSeqStmt: () => "sequence",
  AlterSeqStmt: () => "sequence",
  ColumnDef: (node) =>
    /serial/.test(lastName(children(node, "typeName")[0], "names")) ? "sequence" : undefined,
  FuncCall: (node) => functionRule(lastName(node, "funcname")),
  ListenStmt: () => "listen/notify",
  UnlistenStmt: () => "listen/notify",
  NotifyStmt: () => "listen/notify",
  CreateTrigStmt: () => "trigger",
  CreateEventTrigStmt: () => "trigger",
  CreateFunctionStmt: () => "stored code",
  CreatePLangStmt: () => "stored code",
  DoStmt: () => "stored code",
  CallStmt: () => "stored code",
  Constraint: (node) => {
    if (node["contype"] === "CONSTR_FOREIGN") return "foreign key";
    return node["contype"] === "CONSTR_IDENTITY" ? "sequence" : undefined;
  },
  LockingClause: (node) => (node["waitPolicy"] === "LockWaitSkip" ? "skip locked" : undefined),
  IndexStmt: (node) => (node["whereClause"] === undefined ? undefined : "partial index"),
  IndexElem: (node) => (node["expr"] === undefined ? undefined : "expression index"),
};

function functionRule(name: string): string | undefined {
  if (/^(nextval|currval|setval|lastval)$/.test(name)) return "sequence";
  if (/^pg_(try_)?advisory_/.test(name)) return "advisory lock";
  return name === "pg_notify" ? "listen/notify" : undefined;
}

const impureFunction =
  /^(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random\w*|setseed|gen_random_uuid|uuidv\d|uuid_generate_\w+|txid_current|pg_current_xact_id)$/;

/** The database's clock and chance are data wherever a table is read, changed or made; alone, `now()` may be compared. */
function valuesAsData(stmt: Node): string[] {
  let touchesTable = false;
  const found: string[] = [];
  walk(stmt, (type, node) => {
    if (type === "RangeVar") touchesTable = true;
    if (type === "FuncCall" && impureFunction.test(lastName(node, "funcname")))
      found.push(lastName(node, "funcname"));
    if (type === "SQLValueFunction" && /CURRENT_(DATE|TIME)|LOCALTIME/.test(String(node["op"])))
      found.push(String(node["op"]));
  });
  const isAllowed = !touchesTable && found.every((name) => name === "now");
  return isAllowed ? [] : found.map((name) => `clock or chance as data: ${name}`);
}

/** Engines that run parts of a statement side by side refuse two changes of one table in it. */
function changedTwice(stmt: Node): string[] {
  const changed: string[] = [];
  walk(stmt, (type, node) => {
    if (/^(Insert|Update|Delete|Merge)Stmt$/.test(type))
      changed.push(...children(node, "relation").map((table) => stringOf(table["relname"])));
  });
  return changed
    .filter((table, index) => changed.indexOf(table) < index)
    .map((table) => `table changed twice: ${table}`);
}

function lastName(node: Node | undefined, key: string): string {
  const last = listOf(node?.[key]).at(-1);
  const [name] = isNode(last) ? children(last, "String") : [];
  return stringOf(name?.["sval"]);
}
