-- What the credits cost that usage drew, that refunds gave back and that paid debts, in minor units of the workspace's currency. All of
-- these are made again from the journals.
TRUNCATE usage_rows, usage_refunds, ledger_entries, hold_mentions, invoices, invoice_entries, subscription_due, debt_payments, outcome_due,
  projection_cursors;
ALTER TABLE usage_rows ADD COLUMN worth bigint NOT NULL;
ALTER TABLE usage_refunds ADD COLUMN worth bigint NOT NULL;
ALTER TABLE debt_payments ADD COLUMN worth bigint NOT NULL;
CREATE INDEX debt_payments_by_usage ON debt_payments (workspace_id, of_id);
