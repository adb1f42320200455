/** Every SQL statement of the part, one named constant each. */

/** Keeps observations of workspace `$1`, `$2`-`$13` by column; one that is kept stays as it is. */
export const keepSql = `
INSERT INTO observations (workspace_id, trace_id, span_id, parent_span_id, ended_at_ms, operation, provider, model, member, run, response, usage, debit)
SELECT $1, r.trace_id, r.span_id, r.parent_span_id, r.ended_at_ms, r.operation, r.provider, r.model, r.member, r.run, r.response, r.usage, r.debit
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
  AS r (trace_id, span_id, parent_span_id, ended_at_ms, operation, provider, model, member, run, response, usage, debit)
ORDER BY r.trace_id, r.span_id
ON CONFLICT (workspace_id, trace_id, span_id) DO NOTHING`;

/** Spans of workspace `$1` among these (`$2` traces, `$3` spans) that an observation which tells usage lies within. */
export const outerSql = `
SELECT DISTINCT o.trace_id, o.parent_span_id
FROM unnest($2::text[], $3::text[]) AS a (trace_id, span_id)
JOIN observations o ON o.trace_id = a.trace_id AND o.parent_span_id = a.span_id
WHERE o.workspace_id = $1 AND o.usage IS NOT NULL`;

/**
 * Observations of workspace `$1` that ended from `$2` to before `$3`, after the place `$4`, `$5`, `$6`, `$7` at a time. Those that another lies
 * within which tells usage are left out: what they say is said there.
 */
export const observedSql = `
SELECT o.trace_id, o.span_id, o.ended_at_ms, o.operation, o.model, o.member, o.response, o.usage, o.debit
FROM observations o
WHERE o.workspace_id = $1 AND o.ended_at_ms >= $2 AND o.ended_at_ms < $3
  AND (o.ended_at_ms, o.trace_id, o.span_id) > ($4::bigint, $5::text, $6::text)
  AND NOT EXISTS (SELECT 1 FROM observations c WHERE c.workspace_id = o.workspace_id AND c.trace_id = o.trace_id AND c.parent_span_id = o.span_id AND c.usage IS NOT NULL)
ORDER BY o.ended_at_ms, o.trace_id, o.span_id
LIMIT $7`;

/** What was settled in workspace `$1` of the answers `$2`: all parts of a settlement, whichever of them says the answer. */
export const settledOfSql = `
SELECT s.response, u.id, u.credits, u.detail
FROM (SELECT DISTINCT r.workspace_id, r.id, r.response FROM usage_rows r WHERE r.workspace_id = $1 AND r.response = ANY($2::text[])) s
JOIN hold_mentions m ON m.workspace_id = s.workspace_id AND m.hold_id = s.id
JOIN usage_rows u ON u.workspace_id = m.workspace_id AND u.seq = m.seq AND u.id = s.id
WHERE m.workspace_id = $1 AND u.workspace_id = $1
ORDER BY u.seq, u.idx`;

/** Settlements of workspace `$1` of a model from `$2` to before `$3`, after the place `$4`, `$5`, `$6`, `$7` at a time, each with whether somebody saw it. */
export const settledInSpanSql = `
SELECT u.seq, u.idx, u.id, u.occurred_at_ms, u.member, u.meter, u.model, u.response, u.credits, u.detail,
  EXISTS (SELECT 1 FROM observations o WHERE o.workspace_id = u.workspace_id AND o.response = u.response) AS is_observed
FROM usage_rows u
WHERE u.workspace_id = $1 AND u.occurred_at_ms >= $2 AND u.occurred_at_ms < $3 AND u.model IS NOT NULL
  AND (u.occurred_at_ms, u.seq, u.idx) > ($4::bigint, $5::bigint, $6::integer)
ORDER BY u.occurred_at_ms, u.seq, u.idx
LIMIT $7`;
