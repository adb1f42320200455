/** Every SQL statement of this part, one named constant each. */

const columns =
  "id, prefix, name, scopes, bound_to, member, created_at_ms, revoked_at_ms, fingerprint";

/** Parameters: `$1` hash. */
export const readKeyByHashSql: string = `SELECT ${columns} FROM api_keys WHERE hash = $1`;

/** Parameters: `$1` op id. */
export const readKeyByOpSql: string = `SELECT ${columns} FROM api_keys WHERE op_id = $1`;

/** Nothing when the op id made a key before. Parameters: in the order of the columns. */
export const insertKeySql: string = `
INSERT INTO api_keys (id, hash, prefix, name, scopes, bound_to, member, created_at_ms, op_id, fingerprint)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (op_id) DO NOTHING
RETURNING ${columns}`;

/** Nothing when the key is known, or (`$6`) when there is any other. Parameters: id, hash, prefix, name, instant. */
export const insertFirstKeySql: string = `
INSERT INTO api_keys (id, hash, prefix, name, scopes, created_at_ms)
SELECT $1, $2, $3, $4, ARRAY['admin'], $5
WHERE NOT ($6::boolean AND EXISTS (SELECT 1 FROM api_keys))
ON CONFLICT DO NOTHING
RETURNING ${columns}`;

/** Parameters: `$1` id to read on from, `$2` workspace or null, `$3` rows. */
export const readKeysSql: string = `
SELECT ${columns} FROM api_keys
WHERE id > $1 AND ($2::text IS NULL OR bound_to = $2)
ORDER BY id LIMIT $3`;

/** A key that is revoked already keeps its instant. Parameters: `$1` id, `$2` workspace or null, `$3` instant. */
export const revokeKeySql: string = `
UPDATE api_keys SET revoked_at_ms = COALESCE(revoked_at_ms, $3)
WHERE id = $1 AND ($2::text IS NULL OR bound_to = $2)
RETURNING ${columns}`;

/** Names that are given, and null for those that are erased. Parameters: workspace, kind, id, name. */
export const putNameSql = `
INSERT INTO names (workspace_id, kind, id, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, kind, id) DO UPDATE SET name = excluded.name`;

/** A name that was given or erased since stays as it is. Parameters: workspace, kind, id, name. */
export const putNameIfNoneSql = `
INSERT INTO names (workspace_id, kind, id, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, kind, id) DO NOTHING`;

/** Parameters: workspace, kind, ids. */
export const readNamesSql = `
SELECT id, name FROM names
WHERE workspace_id = $1 AND kind = $2 AND id = ANY($3::text[]) AND name IS NOT NULL`;

/** What is there stays: a hash has one text. Parameters: workspace, hash, text. */
export const putPolicyTextSql = `
INSERT INTO policy_texts (workspace_id, hash, text) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id, hash) DO NOTHING`;

/** Parameters: workspace, hash. */
export const readPolicyTextSql = `
SELECT text FROM policy_texts WHERE workspace_id = $1 AND hash = $2`;
