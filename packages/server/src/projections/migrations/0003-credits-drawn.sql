-- Credits that lots gave: usage that is owed or billed drew none. All of these are made again from the journals.
TRUNCATE usage_rows, usage_refunds, ledger_entries, hold_mentions, invoices, invoice_entries, subscription_due, projection_cursors;
ALTER TABLE usage_rows ADD COLUMN drawn bigint NOT NULL;
ALTER TABLE usage_refunds ADD COLUMN returned bigint NOT NULL;

-- Credits that lots paid of what usage had come to owe, one row an event and settlement.
CREATE TABLE debt_payments (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  of_id text NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (workspace_id, seq, idx, of_id)
);

-- When outcomes of a case that waits change by themselves, so that a workspace that nobody calls is woken for it. 0: they do
-- not, and the row may be forgotten.
CREATE TABLE outcome_due (
  workspace_id text NOT NULL,
  case_id text NOT NULL,
  due_at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id, case_id)
);
