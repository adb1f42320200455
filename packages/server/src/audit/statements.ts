/** Heads in order, a page at a time: $1 the last workspace seen, $2 how many. */
export const headsPage = `
SELECT workspace_id, seq, encode(hash, 'hex') AS hash
FROM heads
WHERE workspace_id > $1
ORDER BY workspace_id
LIMIT $2`;

/** Accepted keys of a workspace up to a row ($2), a page at a time: $3 the last key seen, $4 how many. */
export const opsPage = `
SELECT op_id, octet_length(fingerprint) AS fingerprint_bytes, seq, idx
FROM ops
WHERE workspace_id = $1 AND seq <= $2 AND op_id > $3
ORDER BY op_id
LIMIT $4`;

/** How far a workspace is projected, and how many mentions it has up to there. */
export const projectedTo = `
SELECT c.seq,
  (SELECT count(*) FROM hold_mentions m WHERE m.workspace_id = c.workspace_id AND m.seq <= c.seq) AS mentions
FROM projection_cursors c
WHERE c.workspace_id = $1`;

/** Entries of the ledger after row $2, up to row $3. */
export const entriesBetween = `
SELECT seq, idx, at_ms, kind, of_id, postings
FROM ledger_entries
WHERE workspace_id = $1 AND seq > $2 AND seq <= $3
ORDER BY seq, idx`;

/** Usage after row $2, up to row $3. */
export const usageBetween = `
SELECT seq, idx, id, occurred_at_ms, member, groups, project, meter, model, credits, detail, drawn, worth, response
FROM usage_rows
WHERE workspace_id = $1 AND seq > $2 AND seq <= $3
ORDER BY seq, idx`;

/** All refunds of a workspace. */
export const refundsOf = `
SELECT of_id, seq, idx, credits, returned, worth
FROM usage_refunds
WHERE workspace_id = $1 AND seq <= $2
ORDER BY seq, idx`;

/** Debts that lots paid, after row $2, up to row $3. */
export const debtPaymentsBetween = `
SELECT seq, idx, of_id, credits, worth
FROM debt_payments
WHERE workspace_id = $1 AND seq > $2 AND seq <= $3
ORDER BY seq, idx, of_id`;

/** All invoices of a workspace, also those that moved on. */
export const invoicesOf = `
SELECT id, seq, idx, status, finalizes_at_ms, drafted_seq, drafted_at_ms, document, lines
FROM invoices
WHERE workspace_id = $1
ORDER BY id`;

/** What happened to invoices of a workspace up to row $2. */
export const invoiceEntriesOf = `
SELECT invoice_id, seq, idx, at_ms, kind, detail
FROM invoice_entries
WHERE workspace_id = $1 AND seq <= $2
ORDER BY seq, idx`;

/** When something happens next by itself, as the tables have it; nothing where they are beyond row $2. */
export const dueOf = `
SELECT due_at_ms
FROM projection_cursors
WHERE workspace_id = $1 AND seq = $2`;
