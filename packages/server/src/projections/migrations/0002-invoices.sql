-- Invoices as tables. finalizes_at_ms is 0 once an invoice is issued, drafted_* are those of its draft, and lines those that were drafted, then those that were issued. document and
-- lines are in the journal's text form.
CREATE TABLE invoices (
  workspace_id text NOT NULL,
  id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  status text NOT NULL,
  finalizes_at_ms bigint NOT NULL,
  drafted_seq bigint NOT NULL,
  drafted_at_ms bigint NOT NULL,
  document text NOT NULL,
  lines text NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX invoices_by_due ON invoices (workspace_id, finalizes_at_ms);

-- What happened to invoices: issues, payments, credit notes, ends.
CREATE TABLE invoice_entries (
  workspace_id text NOT NULL,
  invoice_id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  at_ms bigint NOT NULL,
  kind text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (workspace_id, invoice_id, seq, idx)
);

-- When a subscription does something by itself next (0: it does not), so that a workspace that nobody calls is woken for it.
CREATE TABLE subscription_due (
  workspace_id text NOT NULL,
  subscription_id text NOT NULL,
  due_at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id, subscription_id)
);

-- All is made again from the journals, which may have invoices already.
TRUNCATE usage_rows, usage_refunds, ledger_entries, hold_mentions, projection_cursors;
