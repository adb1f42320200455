import type { Route } from "@cistern/contract";
import { stringify } from "csv-stringify/sync";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether an answer of rows is wanted as a table. */
export function wantsCsv({ isTable }: Route, { query, headers }: FastifyRequest): boolean {
  if (isTable !== true) return false;
  const format: unknown =
    typeof query === "object" && query !== null && "format" in query ? query.format : undefined;
  return format === undefined ? accepts(headers.accept) : format === "csv";
}

const accepts = (accept: string | undefined): boolean =>
  accept !== undefined && accept.includes("text/csv") && !accept.includes("application/json");

/** Sends the rows of `body.data` as CSV (RFC 4180); the columns are those of the route's schema, also where there are no rows. */
export function sendCsv(reply: FastifyReply, route: Route, body: unknown): FastifyReply {
  const columns = columnsOf(route);
  const rows = memberOf(body, "data");
  const lines = Array.isArray(rows)
    ? rows.map((row: unknown) => columns.map((name) => memberOf(row, name)))
    : [];
  return reply
    .code(200)
    .header("content-type", "text/csv; charset=utf-8; header=present")
    .serializer((text: string) => text)
    .send(stringify([columns, ...lines], { record_delimiter: "windows" }));
}

function columnsOf({ responses }: Route): readonly string[] {
  let part: unknown = responses[200];
  for (const step of ["properties", "data", "items", "properties"]) part = memberOf(part, step);
  return Object.keys(typeof part === "object" && part !== null ? part : {});
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
