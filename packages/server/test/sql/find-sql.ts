/**
 * Owns what counts as SQL of the server: every `.sql` file, and every string in its source that begins like a statement or is
 * named `…Sql`. Found by reading the source, so that a new statement cannot escape the rules. A file that works with DuckDB speaks to files
 * and to no database: what it says need run on no other engine.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync as parseTypeScript } from "oxc-parser";

/** One text of SQL and where it stands. */
export interface FoundSql {
  readonly place: string;
  readonly text: string;
}

/** All SQL below `folder`. */
export function findSql(folder: string): FoundSql[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .toSorted()
    .flatMap((path) => {
      const place = relative(folder, path);
      if (path.endsWith(".sql")) return [{ place, text: readFileSync(path, "utf8") }];
      return path.endsWith(".ts") ? findInSource(place, readFileSync(path, "utf8")) : [];
    });
}

/** The SQL in one file of TypeScript. A value that is put into a template stands as the name `placeholder`. */
export function findInSource(place: string, source: string): FoundSql[] {
  const found: FoundSql[] = [];
  const { program, errors } = parseTypeScript(place, source);
  if (errors.length > 0) throw new Error(`${place} cannot be parsed: ${errors[0]?.message}`);
  if (source.includes('from "@duckdb/node-api"')) return [];
  const visit = (node: unknown, name: string): void => {
    if (Array.isArray(node)) {
      for (const element of node) visit(element, "");
    } else if (isNode(node)) {
      const text = textOf(node);
      if (text !== undefined && (looksLikeSql(text) || name.endsWith("Sql")))
        found.push({ place: `${place}:${lineOf(source, Number(node["start"]))}`, text });
      const declared = isNode(node["id"]) ? String(node["id"]["name"]) : "";
      for (const [key, child] of Object.entries(node))
        visit(child, key === "init" ? declared : key === "expression" ? name : "");
    }
  };
  visit(program.body, "");
  return found;
}

/** Statements are written in capitals; prose that begins with one of these words is not. */
const statementStart =
  /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE(?=\s)|MERGE|CREATE|ALTER|DROP|TRUNCATE|BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|SET|RESET|LOCK|LISTEN|UNLISTEN|NOTIFY|COPY|DO|CALL|GRANT|REVOKE|VACUUM|ANALYZE|PREPARE|EXECUTE|DECLARE|FETCH|COMMENT|VALUES|TABLE|EXPLAIN|REINDEX|CLUSTER)(\s|;|$)/;
/** In small letters these begin a statement, and no sentence. */
const smallStatement =
  /^\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+(as\s+)?\w*\s*set|delete\s+from|with\s+\w+\s+as\s*\(|create\s+(table|index|sequence|function|trigger)|listen\s+\w+$|notify\s+\w+$)\s?/s;

function looksLikeSql(text: string): boolean {
  return statementStart.test(text) || smallStatement.test(text);
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function textOf(node: Node): string | undefined {
  if (node["type"] === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node["type"] !== "TemplateLiteral" || !Array.isArray(node["quasis"])) return undefined;
  return node["quasis"]
    .map((quasi: unknown) =>
      isNode(quasi) && isNode(quasi["value"]) ? String(quasi["value"]["cooked"]) : "",
    )
    .join("placeholder");
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
