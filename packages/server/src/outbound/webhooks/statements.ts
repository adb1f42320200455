/** Every SQL statement of webhooks, one named constant each. */

const columns =
  "id, consumer, bound_to, url, types, workspaces, description, secret, old_secrets, rotated_by, created_at_ms, disabled_at_ms, disabled_reason";

/** Makes an endpoint unless its id is taken, or there are `$9` of the same key already, or `$10` in all. `$1` id, `$2` consumer, `$3` bound to, `$4` address, `$5` types, `$6` workspaces, `$7` description, `$8` secret, `$11` instant. */
export const insertEndpointSql = `
INSERT INTO webhook_endpoints (id, consumer, bound_to, url, types, workspaces, description, secret, old_secrets, rotated_by, created_at_ms)
SELECT $1, $2, $3::text, $4, $5::text[], $6::text[], $7::text, $8, '[]', '', $11::bigint
WHERE ($3::text IS NULL OR (SELECT count(*) FROM webhook_endpoints WHERE bound_to = $3::text) < $9::integer)
  AND (SELECT count(*) FROM webhook_endpoints) < $10::integer
ON CONFLICT (id) DO NOTHING
RETURNING ${columns}`;

/** Changes endpoint `$1`: `$2` bound to (null: whoever's), `$3` address, `$4` types, `$5` workspaces, `$6` description. */
export const updateEndpointSql = `
UPDATE webhook_endpoints
SET url = $3, types = $4::text[], workspaces = $5::text[], description = $6::text
WHERE id = $1 AND ($2::text IS NULL OR bound_to = $2)
RETURNING ${columns}`;

/** Endpoint `$1`, if it is of `$2` (null: whoever's). */
export const readEndpointSql = `
SELECT ${columns} FROM webhook_endpoints
WHERE id = $1 AND ($2::text IS NULL OR bound_to = $2)`;

/** Endpoints after `$1`, of `$2` (null: whoever's), `$3` at a time. */
export const listEndpointsSql = `
SELECT ${columns} FROM webhook_endpoints
WHERE id > $1 AND ($2::text IS NULL OR bound_to = $2)
ORDER BY id
LIMIT $3`;

export const removeEndpointSql = `
DELETE FROM webhook_endpoints
WHERE id = $1 AND ($2::text IS NULL OR bound_to = $2)
RETURNING consumer`;

/** Gives `$1` the secret `$3` and the old ones `$4`, if it still has the secret `$2`; `$5` the key of the call. */
export const rotateSql = `
UPDATE webhook_endpoints
SET secret = $3, old_secrets = $4, rotated_by = $5
WHERE id = $1 AND secret = $2
RETURNING ${columns}`;

/** Writes the secrets of `$1` as `$4` and the old ones as `$5`, if they still stand as `$2` and `$3`. */
export const resealSql = `
UPDATE webhook_endpoints
SET secret = $4, old_secrets = $5
WHERE id = $1 AND secret = $2 AND old_secrets = $3`;

/** Disables the endpoint of consumer `$1` at `$2` for a reason `$3`, unless it is already. */
export const disableSql = `
UPDATE webhook_endpoints
SET disabled_at_ms = $2, disabled_reason = $3
WHERE consumer = $1 AND disabled_at_ms IS NULL
RETURNING id`;

export const enableSql = `
UPDATE webhook_endpoints
SET disabled_at_ms = NULL, disabled_reason = NULL
WHERE id = $1 AND ($2::text IS NULL OR bound_to = $2)
RETURNING ${columns}`;

/** `$1` consumers, `$2` ids, `$3` instants, `$4` workspaces, `$5` event ids, `$6` their types, `$7` numbers, `$8` ms, `$9` taken, `$10` statuses, `$11` faults, `$12` next. */
export const insertAttemptsSql = `
INSERT INTO webhook_attempts (consumer, id, at_ms, workspace, event_id, event_type, attempt, ms, taken, status, fault, next_at_ms)
SELECT consumer, id, at_ms, workspace, event_id, event_type, attempt, ms, taken, status, fault, next_at_ms
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[], $9::boolean[],
  $10::integer[], $11::text[], $12::bigint[])
  AS t (consumer, id, at_ms, workspace, event_id, event_type, attempt, ms, taken, status, fault, next_at_ms)`;

/** Attempts of consumer `$1` before id `$2` (null: all), newest first, `$3` at a time. */
export const listAttemptsSql = `
SELECT id, at_ms, workspace, event_id, event_type, attempt, ms, taken, status, fault, next_at_ms
FROM webhook_attempts
WHERE consumer = $1 AND ($2::text IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3`;

export const forgetAttemptsSql = `DELETE FROM webhook_attempts WHERE consumer = $1`;

/** Forgets all attempts of consumer `$1` but the newest `$2`. */
export const pruneAttemptsSql = `
DELETE FROM webhook_attempts
WHERE consumer = $1 AND id <= (
  SELECT a.id FROM webhook_attempts a WHERE a.consumer = $1 ORDER BY a.id DESC OFFSET $2 LIMIT 1
)`;
