/** Owns the tables of the warehouse: their columns and types. A column is added, never changed: parts of every age are read together. */

/** One table. Every row has a `day` (UTC) beside these: it is the folder of its part. */
const columns = {
  /** A settlement or debit a row; a refund is a row of its own, below zero. */
  usage: {
    workspace: "VARCHAR",
    event_id: "VARCHAR",
    seq: "BIGINT",
    idx: "INTEGER",
    id: "VARCHAR",
    kind: "VARCHAR",
    refund_of: "VARCHAR",
    occurred_at: "TIMESTAMPTZ",
    recorded_at: "TIMESTAMPTZ",
    member: "VARCHAR",
    groups: "VARCHAR[]",
    project: "VARCHAR",
    run: "VARCHAR",
    meter: "VARCHAR",
    model: "VARCHAR",
    usage: "MAP(VARCHAR, BIGINT)",
    credits: "DECIMAL(18,6)",
    drawn: "DECIMAL(18,6)",
    worth_minor: "BIGINT",
    billed_credits: "DECIMAL(18,6)",
    billed_minor: "BIGINT",
    currency: "VARCHAR",
    rate_card: "VARCHAR",
    rate_row: "VARCHAR",
    cost_minor: "DECIMAL(38,9)",
    cost_currency: "VARCHAR",
    is_final: "BOOLEAN",
    is_late: "BOOLEAN",
    attributes: "MAP(VARCHAR, VARCHAR)",
  },
  /** A posting a row: those of one event sum to zero, in credits and in each currency. */
  ledger: {
    workspace: "VARCHAR",
    event_id: "VARCHAR",
    seq: "BIGINT",
    idx: "INTEGER",
    line: "INTEGER",
    at: "TIMESTAMPTZ",
    posted_at: "TIMESTAMPTZ",
    kind: "VARCHAR",
    of_id: "VARCHAR",
    account: "VARCHAR",
    credits: "DECIMAL(18,6)",
    amount_minor: "BIGINT",
    currency: "VARCHAR",
  },
  /** An event a row, as the feed and the webhooks give it. */
  events: {
    workspace: "VARCHAR",
    id: "VARCHAR",
    seq: "BIGINT",
    idx: "INTEGER",
    type: "VARCHAR",
    subject: "VARCHAR",
    time: "TIMESTAMPTZ",
    data: "JSON",
  },
} as const;

/** Names of the tables. */
export type TableName = keyof typeof columns;

/** All of them. */
export const tableNames: readonly TableName[] = ["usage", "ledger", "events"];

/** A value as JSON, in the form that DuckDB casts: numbers that are no integers are texts. */
type Cell = string | number | boolean | null | object;

/** A row of a table, with the day that it belongs to. */
export type WarehouseRow<Table extends TableName> = Readonly<
  Record<keyof (typeof columns)[Table] | "day", Cell>
>;

/** The columns as DuckDB's `read_json` takes them. */
export function columnsSql(table: TableName): string {
  const all = Object.entries({ ...columns[table], day: "DATE" });
  return `{${all.map(([name, type]) => `'${name}': '${type}'`).join(", ")}}`;
}
