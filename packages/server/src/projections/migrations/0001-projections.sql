-- Tables derived from the journal, for queries; they may be dropped and are then made again from it. Keyed by workspace_id first.

-- How far each workspace is projected. from_seq is what the last advance came from: the compare-and-set of the next one.
CREATE TABLE projection_cursors (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  from_seq bigint NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (workspace_id)
) WITH (fillfactor = 50);

-- One row a settlement or debit. detail is JSON that is only shown: usage, price row, attributes.
CREATE TABLE usage_rows (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  id text NOT NULL,
  occurred_at_ms bigint NOT NULL,
  member text NOT NULL,
  groups text NOT NULL,
  project text,
  meter text,
  model text,
  credits bigint NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (workspace_id, seq, idx)
);
CREATE INDEX usage_rows_by_time ON usage_rows (workspace_id, occurred_at_ms, seq, idx);

-- Credits that went back to where a settlement had them from.
CREATE TABLE usage_refunds (
  workspace_id text NOT NULL,
  of_id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (workspace_id, of_id, seq, idx)
);

-- One row an event that posts something.
CREATE TABLE ledger_entries (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  at_ms bigint NOT NULL,
  kind text NOT NULL,
  of_id text NOT NULL,
  postings text NOT NULL,
  PRIMARY KEY (workspace_id, seq, idx)
);
CREATE INDEX ledger_entries_by_subject ON ledger_entries (workspace_id, of_id, seq, idx);

-- Rows of the journal that change a hold or debit, so that it can be read again.
CREATE TABLE hold_mentions (
  workspace_id text NOT NULL,
  hold_id text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (workspace_id, hold_id, seq)
);

-- Refusals by member, hour and code (RULES 27). Best effort: they are no facts, and no journal has them.
CREATE TABLE refusals (
  workspace_id text NOT NULL,
  member text NOT NULL,
  hour_ms bigint NOT NULL,
  code text NOT NULL,
  refused bigint NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (workspace_id, member, hour_ms, code)
);
