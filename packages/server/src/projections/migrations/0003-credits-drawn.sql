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
