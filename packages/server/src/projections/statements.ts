/** Every SQL statement of the projections, one named constant each. */

/**
 * Moves cursors and writes what lies between, for one or many workspaces; a workspace whose cursor stands elsewhere is left
 * alone whole. `$1`-`$4`, `$49`, `$50` workspaces: id, from, to, currency (once known), the instant of the last row and when something happens
 * by itself after it. Then rows, each beginning with the number of its workspace (from 1):
 * `$5`-`$16` usage, `$17`-`$21` refunds, `$22`-`$28` ledger, `$29`-`$31` mentions, `$32`-`$41` invoices, `$42`-`$48` what happened to
 * them, `$51` what usage drew from lots, `$52` what refunds gave back to them, `$53`-`$57` debts that lots paid, `$58`-`$60` what the credits of
 * usage, refunds and debts cost, `$61` what providers call the answers. Answers the workspaces that advanced. An earlier instant at which to look is
 * kept while it is ahead: a table that changes with each hold would cost more than a look in vain.
 */
export const projectSql = `
WITH input AS (
  SELECT workspace_id, from_seq, to_seq, currency, at_ms, due_at_ms, n
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $49::bigint[], $50::bigint[])
    WITH ORDINALITY AS t (workspace_id, from_seq, to_seq, currency, at_ms, due_at_ms, n)
),
advanced AS (
  INSERT INTO projection_cursors AS c (workspace_id, seq, from_seq, currency, at_ms, due_at_ms)
  SELECT i.workspace_id, i.to_seq, i.from_seq, i.currency, i.at_ms, i.due_at_ms
  FROM input i
  WHERE i.from_seq = 0 OR EXISTS (SELECT 1 FROM projection_cursors x WHERE x.workspace_id = i.workspace_id)
  ORDER BY i.workspace_id
  ON CONFLICT (workspace_id) DO UPDATE
    SET seq = excluded.seq, from_seq = excluded.from_seq, at_ms = excluded.at_ms,
      due_at_ms = CASE WHEN c.due_at_ms > excluded.at_ms THEN least(c.due_at_ms, excluded.due_at_ms) ELSE excluded.due_at_ms END
    WHERE c.seq = excluded.from_seq
  RETURNING c.workspace_id
),
moved AS (
  SELECT i.workspace_id, i.n FROM advanced a JOIN input i ON i.workspace_id = a.workspace_id
),
used AS (
  INSERT INTO usage_rows (workspace_id, seq, idx, id, occurred_at_ms, member, groups, project, meter, model, credits, detail, drawn, worth,
    response)
  SELECT m.workspace_id, r.seq, r.idx, r.id, r.occurred_at_ms, r.member, r.groups, r.project, r.meter, r.model, r.credits, r.detail,
    r.drawn, r.worth, r.response
  FROM unnest($5::bigint[], $6::bigint[], $7::integer[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::text[], $15::bigint[], $16::text[], $51::bigint[], $58::bigint[], $61::text[])
    AS r (n, seq, idx, id, occurred_at_ms, member, groups, project, meter, model, credits, detail, drawn, worth, response)
  JOIN moved m ON m.n = r.n
),
refunded AS (
  INSERT INTO usage_refunds (workspace_id, of_id, seq, idx, credits, returned, worth)
  SELECT m.workspace_id, r.of_id, r.seq, r.idx, r.credits, r.returned, r.worth
  FROM unnest($17::bigint[], $18::text[], $19::bigint[], $20::integer[], $21::bigint[], $52::bigint[], $59::bigint[])
    AS r (n, of_id, seq, idx, credits, returned, worth)
  JOIN moved m ON m.n = r.n
),
posted AS (
  INSERT INTO ledger_entries (workspace_id, seq, idx, at_ms, kind, of_id, postings)
  SELECT m.workspace_id, r.seq, r.idx, r.at_ms, r.kind, r.of_id, r.postings
  FROM unnest($22::bigint[], $23::bigint[], $24::integer[], $25::bigint[], $26::text[], $27::text[], $28::text[])
    AS r (n, seq, idx, at_ms, kind, of_id, postings)
  JOIN moved m ON m.n = r.n
),
mentioned AS (
  INSERT INTO hold_mentions (workspace_id, hold_id, seq)
  SELECT m.workspace_id, r.hold_id, r.seq
  FROM unnest($29::bigint[], $30::text[], $31::bigint[]) AS r (n, hold_id, seq)
  JOIN moved m ON m.n = r.n
),
invoiced AS (
  INSERT INTO invoices AS v (workspace_id, id, seq, idx, status, finalizes_at_ms, drafted_seq, drafted_at_ms, document, lines)
  SELECT m.workspace_id, r.id, r.seq, r.idx, r.status, r.finalizes_at_ms, r.drafted_seq, r.drafted_at_ms, r.document, r.lines
  FROM unnest($32::bigint[], $33::text[], $34::bigint[], $35::integer[], $36::text[], $37::bigint[], $38::bigint[], $39::bigint[],
    $40::text[], $41::text[])
    AS r (n, id, seq, idx, status, finalizes_at_ms, drafted_seq, drafted_at_ms, document, lines)
  JOIN moved m ON m.n = r.n
  ON CONFLICT (workspace_id, id) DO UPDATE
    SET seq = excluded.seq, idx = excluded.idx, status = excluded.status, finalizes_at_ms = excluded.finalizes_at_ms,
      document = excluded.document, lines = CASE WHEN excluded.lines = '' THEN v.lines ELSE excluded.lines END
),
happened AS (
  INSERT INTO invoice_entries (workspace_id, invoice_id, seq, idx, at_ms, kind, detail)
  SELECT m.workspace_id, r.invoice_id, r.seq, r.idx, r.at_ms, r.kind, r.detail
  FROM unnest($42::bigint[], $43::text[], $44::bigint[], $45::integer[], $46::bigint[], $47::text[], $48::text[])
    AS r (n, invoice_id, seq, idx, at_ms, kind, detail)
  JOIN moved m ON m.n = r.n
),
paid AS (
  INSERT INTO debt_payments (workspace_id, seq, idx, of_id, credits, worth)
  SELECT m.workspace_id, r.seq, r.idx, r.of_id, r.credits, r.worth
  FROM unnest($53::bigint[], $54::bigint[], $55::integer[], $56::text[], $57::bigint[], $60::bigint[])
    AS r (n, seq, idx, of_id, credits, worth)
  JOIN moved m ON m.n = r.n
)
SELECT workspace_id FROM moved`;

/** How far a workspace is projected. */
export const cursorSql = `
SELECT seq
FROM projection_cursors
WHERE workspace_id = $1`;

/** Heads in order after workspace `$1`, `$2` at a time, with how far each is projected. */
export const behindSql = `
SELECT h.workspace_id, h.seq, coalesce(c.seq, 0) AS projected
FROM heads h
LEFT JOIN projection_cursors c ON c.workspace_id = h.workspace_id
WHERE h.workspace_id > $1
ORDER BY h.workspace_id
LIMIT $2`;

/** With what refunds gave back and what lots paid of it since, both by its id. */
const usageColumns = `u.seq, u.idx, u.id, u.occurred_at_ms, u.member, u.groups, u.project, u.meter, u.model, u.credits, u.drawn, u.worth,
  u.response, u.detail,
  (SELECT coalesce(sum(r.credits), 0) FROM usage_refunds r WHERE r.workspace_id = u.workspace_id AND r.of_id = u.id) AS refunded,
  (SELECT coalesce(sum(r.worth), 0) FROM usage_refunds r WHERE r.workspace_id = u.workspace_id AND r.of_id = u.id) AS refunded_worth,
  (SELECT coalesce(sum(d.credits), 0) FROM debt_payments d WHERE d.workspace_id = u.workspace_id AND d.of_id = u.id) AS paid,
  (SELECT coalesce(sum(d.worth), 0) FROM debt_payments d WHERE d.workspace_id = u.workspace_id AND d.of_id = u.id) AS paid_worth,
  (SELECT c.currency FROM projection_cursors c WHERE c.workspace_id = u.workspace_id) AS currency`;

/** `$2`-`$8` narrow it (null: not), `$9`-`$11` the place after which to read. */
const usageAsked = `($2::bigint IS NULL OR u.occurred_at_ms >= $2)
  AND ($3::bigint IS NULL OR u.occurred_at_ms < $3)
  AND ($4::text IS NULL OR u.member = $4)
  AND ($5::text IS NULL OR strpos(u.groups, $5) > 0)
  AND ($6::text IS NULL OR u.project = $6)
  AND ($7::text IS NULL OR u.meter = $7)
  AND ($8::text IS NULL OR u.model = $8)
  AND (u.occurred_at_ms, u.seq, u.idx) > ($9::bigint, $10::bigint, $11::integer)`;

/** Usage of a workspace, newest last, `$12` rows. */
export const usagePageSql = `
SELECT ${usageColumns}
FROM usage_rows u
WHERE u.workspace_id = $1 AND ${usageAsked}
ORDER BY u.occurred_at_ms, u.seq, u.idx
LIMIT $12`;

/** The same of the answers that a provider calls `$13`, by their index. */
export const usageOfResponseSql = `
SELECT ${usageColumns}
FROM usage_rows u
WHERE u.workspace_id = $1 AND u.response = $13 AND ${usageAsked}
ORDER BY u.occurred_at_ms, u.seq, u.idx
LIMIT $12`;

/** Ledger of a workspace in the journal's order. `$2`-`$5` narrow it (null: not), `$6`, `$7` the place after which to read. */
export const ledgerPageSql = `
SELECT l.seq, l.idx, l.at_ms, l.kind, l.of_id, l.postings, c.currency
FROM ledger_entries l
JOIN projection_cursors c ON c.workspace_id = l.workspace_id
WHERE l.workspace_id = $1
  AND ($2::bigint IS NULL OR l.at_ms >= $2)
  AND ($3::bigint IS NULL OR l.at_ms < $3)
  AND ($4::text IS NULL OR l.kind = $4)
  AND ($5::text IS NULL OR l.of_id = $5)
  AND (l.seq, l.idx) > ($6::bigint, $7::integer)
ORDER BY l.seq, l.idx
LIMIT $8`;

/** How far a workspace is projected, and the rows up to there that mention a hold. */
export const mentionsSql = `
SELECT c.seq AS cursor_seq, m.seq
FROM projection_cursors c
LEFT JOIN hold_mentions m ON m.workspace_id = c.workspace_id AND m.hold_id = $2 AND m.seq <= c.seq
WHERE c.workspace_id = $1
ORDER BY m.seq`;

/**
 * Adds refusals to their hour: `$1` workspace, `$2` member, `$3` hour, `$4` code, `$5` how many, `$6` credits. What was asked for
 * in vain has no bound, so its sum stays at the most that the column holds: one caller must not spoil the counts of others.
 */
export const refuseSql = `
INSERT INTO refusals AS r (workspace_id, member, hour_ms, code, refused, credits)
SELECT workspace_id, member, hour_ms, code, refused, credits
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
  AS t (workspace_id, member, hour_ms, code, refused, credits)
ORDER BY workspace_id, member, hour_ms, code
ON CONFLICT (workspace_id, member, hour_ms, code) DO UPDATE
  SET refused = r.refused + excluded.refused, credits = least(r.credits::numeric + excluded.credits, 9223372036854775807)::bigint`;

/** Refusals of a member by code, of hours from `$3` on. */
export const refusalsByReasonSql = `
SELECT code, sum(refused)::bigint AS refused, least(sum(credits), 9223372036854775807)::bigint AS credits
FROM refusals
WHERE workspace_id = $1 AND member = $2 AND hour_ms >= $3
GROUP BY code
ORDER BY code`;

/** Refusals of a workspace in hours from `$2` to before `$3`. */
export const refusalsInSpanSql = `
SELECT hour_ms, member, code, refused, credits
FROM refusals
WHERE workspace_id = $1 AND hour_ms >= $2 AND hour_ms < $3
ORDER BY hour_ms, member, code`;

/** Invoices of a workspace by id, after `$2`, `$3` at a time; `$4` a status, or null. */
export const invoicePageSql = `
SELECT id, status, drafted_at_ms, document, lines
FROM invoices
WHERE workspace_id = $1 AND id > $2 AND ($4::text IS NULL OR status = $4)
ORDER BY id
LIMIT $3`;

/** One invoice, with the place of the draft before it (0: none) and of its issue (null: it is a draft). */
export const invoiceSql = `
SELECT v.id, v.status, v.drafted_at_ms, v.drafted_seq, v.document, v.lines,
  coalesce(p.drafted_seq, 0) AS previous_seq, p.drafted_at_ms AS previous_at_ms,
  (SELECT min(e.seq) FROM invoice_entries e WHERE e.workspace_id = v.workspace_id AND e.invoice_id = v.id AND e.kind = 'invoice.finalized') AS issued_seq
FROM invoices v
LEFT JOIN invoices p ON p.workspace_id = v.workspace_id AND p.drafted_seq =
  (SELECT max(b.drafted_seq) FROM invoices b WHERE b.workspace_id = v.workspace_id AND b.drafted_seq > 0 AND b.drafted_seq < v.drafted_seq)
WHERE v.workspace_id = $1 AND v.id = $2`;

/** Invoices drafted before `$2` that are void, each with the place of the draft before it, of its issue, and the one that took its lines over: the first that was drafted since. */
export const voidInvoicesSql = `
SELECT v.id, v.drafted_at_ms, v.drafted_seq, coalesce(p.drafted_seq, 0) AS previous_seq, p.drafted_at_ms AS previous_at_ms,
  (SELECT min(e.seq) FROM invoice_entries e WHERE e.workspace_id = v.workspace_id AND e.invoice_id = v.id AND e.kind = 'invoice.finalized') AS issued_seq,
  (SELECT n.id FROM invoices n WHERE n.workspace_id = v.workspace_id AND n.drafted_seq >= c.seq AND n.drafted_seq > v.drafted_seq ORDER BY n.drafted_seq LIMIT 1) AS taken_over_by
FROM invoices v
JOIN invoice_entries c ON c.workspace_id = v.workspace_id AND c.invoice_id = v.id AND c.kind = 'invoice.voided'
LEFT JOIN invoices p ON p.workspace_id = v.workspace_id AND p.drafted_seq =
  (SELECT max(b.drafted_seq) FROM invoices b WHERE b.workspace_id = v.workspace_id AND b.drafted_seq > 0 AND b.drafted_seq < v.drafted_seq)
WHERE v.workspace_id = $1 AND v.drafted_seq < $2 AND v.status = 'void'`;

/** What happened to an invoice, in order. */
export const invoiceEntriesSql = `
SELECT at_ms, detail
FROM invoice_entries
WHERE workspace_id = $1 AND invoice_id = $2
ORDER BY seq, idx`;

/**
 * Credits that lots gave for usage of an invoice, and what these cost, by meter. `$2`, `$4` row and instant of the draft before it (0, null: none), `$3`, `$5`
 * of its own, `$6` the row of its issue (null: none yet). Usage is of the invoice of its time while that is a draft, and of the first one
 * drafted after it where that was issued. What was owed counts when lots pay it.
 */
export const creditsDrawnSql = `
SELECT t.meter, sum(t.drawn) AS credits, sum(t.worth) AS worth, sum(t.calls) AS calls
FROM (
  SELECT coalesce(u.meter, '') AS meter, u.drawn, u.worth, 1 AS calls
  FROM usage_rows u
  WHERE u.workspace_id = $1 AND u.drawn > 0
    AND u.occurred_at_ms < $5 AND ($4::bigint IS NULL OR u.occurred_at_ms >= $4) AND ($6::bigint IS NULL OR u.seq <= $6)
  UNION ALL
  SELECT coalesce(u.meter, '') AS meter, u.drawn, u.worth, 1 AS calls
  FROM usage_rows u
  WHERE u.workspace_id = $1 AND u.drawn > 0 AND u.seq > $2 AND u.seq <= $3 AND u.occurred_at_ms < $4 AND u.seq >
    (SELECT coalesce(min(e.seq), u.seq) FROM invoice_entries e
     WHERE e.workspace_id = $1 AND e.kind = 'invoice.finalized' AND e.invoice_id =
       (SELECT n.id FROM invoices n WHERE n.workspace_id = $1 AND n.drafted_at_ms > u.occurred_at_ms ORDER BY n.drafted_seq LIMIT 1))
  UNION ALL
  SELECT coalesce((SELECT min(u.meter) FROM hold_mentions h JOIN usage_rows u ON u.workspace_id = h.workspace_id AND u.seq = h.seq
    WHERE h.workspace_id = $1 AND h.hold_id = d.of_id AND u.id = d.of_id), '') AS meter, d.credits AS drawn, d.worth, 0 AS calls
  FROM debt_payments d
  WHERE d.workspace_id = $1 AND d.seq > $2 AND d.seq <= $3
) t
GROUP BY t.meter
ORDER BY t.meter`;

/** Credits that refunds gave back to lots, and what they cost, in the rows after `$2`, up to `$3`. */
export const creditsReturnedSql = `
SELECT coalesce(sum(returned), 0) AS credits, coalesce(sum(worth), 0) AS worth
FROM usage_refunds
WHERE workspace_id = $1 AND seq > $2 AND seq <= $3`;

/** Drafts whose time has come at `$1`, in order after workspace `$2` and invoice `$3`, `$4` at a time. */
export const draftsDueSql = `
SELECT workspace_id, id, finalizes_at_ms
FROM invoices
WHERE workspace_id >= $2 AND (workspace_id > $2 OR id > $3) AND finalizes_at_ms > 0 AND finalizes_at_ms <= $1
ORDER BY workspace_id, id
LIMIT $4`;

/** Workspaces in which something is due at `$1`, or may be, in order after workspace `$2`, `$3` at a time. */
export const workspacesDueSql = `
SELECT workspace_id
FROM projection_cursors
WHERE workspace_id > $2 AND due_at_ms <= $1
ORDER BY workspace_id
LIMIT $3`;

/** Puts right when something is due next (`$3`) in a workspace whose tables stand at row `$2`. */
export const putDueSql = `
UPDATE projection_cursors
SET due_at_ms = $3
WHERE workspace_id = $1 AND seq = $2`;

/** Refusals by member, day and code. `$2`-`$4` the days, `$5` codes. A count is of an hour, and goes to the day in which that begins. */
export const refusedByDaySql = `
SELECT r.member, d.day, r.code, sum(r.refused) AS times, sum(r.credits) AS credits
FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS d (day, from_ms, to_ms)
JOIN refusals r ON r.hour_ms >= d.from_ms AND r.hour_ms < d.to_ms
WHERE r.workspace_id = $1 AND r.code = ANY($5::text[])
GROUP BY r.member, d.day, r.code
ORDER BY r.member, d.day, r.code`;

/** Usage of members (`$5`) by day, less refunds, which count to the day of the usage. `$2`-`$4` the days, `$6`, `$7` all of them together. */
export const usedByDaySql = `
WITH days AS (
  SELECT day, from_ms, to_ms FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS t (day, from_ms, to_ms)
),
used AS (
  SELECT u.id, u.member, u.occurred_at_ms, sum(u.credits) AS credits
  FROM usage_rows u
  WHERE u.workspace_id = $1 AND u.occurred_at_ms >= $6 AND u.occurred_at_ms < $7 AND u.member = ANY($5::text[])
  GROUP BY u.id, u.member, u.occurred_at_ms
)
SELECT u.member, d.day, sum(u.credits - (
  SELECT coalesce(sum(r.credits), 0) FROM usage_refunds r WHERE r.workspace_id = $1 AND r.of_id = u.id
)) AS credits
FROM used u
JOIN days d ON u.occurred_at_ms >= d.from_ms AND u.occurred_at_ms < d.to_ms
GROUP BY u.member, d.day
ORDER BY u.member, d.day`;

/** When members (`$3`) used something last, not before `$2`. */
export const lastUsedSql = `
SELECT member, max(occurred_at_ms) AS at_ms
FROM usage_rows
WHERE workspace_id = $1 AND occurred_at_ms >= $2 AND member = ANY($3::text[])
GROUP BY member
ORDER BY member`;

/** Meters with the models that were used in them, from `$2` to before `$3`. */
export const modelsUsedSql = `
SELECT DISTINCT meter, model
FROM usage_rows
WHERE workspace_id = $1 AND occurred_at_ms >= $2 AND occurred_at_ms < $3 AND meter IS NOT NULL AND model IS NOT NULL
ORDER BY meter, model`;

/** Usage from `$2` to before `$3` in order of time, after the place `$4`-`$6`, `$7` at a time. */
export const callsSql = `
SELECT occurred_at_ms, seq, idx, id, member, meter, model, project, credits, detail
FROM usage_rows
WHERE workspace_id = $1 AND occurred_at_ms >= $2 AND occurred_at_ms < $3
  AND (occurred_at_ms, seq, idx) > ($4::bigint, $5::bigint, $6::integer)
ORDER BY occurred_at_ms, seq, idx
LIMIT $7`;
