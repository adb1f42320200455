/** Every SQL statement of this part, one named constant each. */

/** Versions after `$1`, in their order. */
export const readVersionsSql = `
SELECT version, hash, content, effective_at_ms, pushed_at_ms
FROM catalog_versions
WHERE version > $1
ORDER BY version`;

/** The version that was pushed last. */
export const latestVersionSql = `
SELECT version, hash, effective_at_ms
FROM catalog_versions
ORDER BY version DESC
LIMIT 1`;

/** The newest version that was told. */
export const toldSql = `
SELECT coalesce(max(version), 0) AS version
FROM catalog_versions_told`;

/** Notes that version `$1` was told. */
export const insertToldSql = `
INSERT INTO catalog_versions_told (version)
VALUES ($1)
ON CONFLICT (version) DO NOTHING`;

/** Nothing when the version is there already. Parameters: in the order of the columns. */
export const insertVersionSql = `
INSERT INTO catalog_versions (version, hash, content, effective_at_ms, pushed_at_ms)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (version) DO NOTHING
RETURNING version`;
