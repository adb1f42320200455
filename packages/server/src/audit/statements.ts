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
