/** Every SQL statement of this part, one named constant each. */

/** The number that a document has. Parameters: issuer, kind, workspace, document. */
export const readNumberSql = `
SELECT printed
FROM invoice_numbers
WHERE issuer = $1 AND kind = $2 AND workspace_id = $3 AND document_id = $4`;

/**
 * Gives a document the number after the highest: nothing when another document was faster, or when it has one. Parameters: issuer,
 * kind, workspace, document, prefix, digits.
 */
export const takeNumberSql = `
INSERT INTO invoice_numbers (issuer, kind, number, printed, workspace_id, document_id)
SELECT $1, $2, n.next, $5::text || lpad(n.next::text, greatest($6::integer, length(n.next::text)), '0'), $3, $4
FROM (SELECT coalesce(max(number), 0) + 1 AS next FROM invoice_numbers WHERE issuer = $1 AND kind = $2) AS n
ON CONFLICT DO NOTHING
RETURNING printed`;

/** Numbers of documents of a workspace. Parameters: issuer, kind, workspace, documents. */
export const readNumbersSql = `
SELECT document_id, printed
FROM invoice_numbers
WHERE issuer = $1 AND kind = $2 AND workspace_id = $3 AND document_id = ANY ($4::text[])`;

/** Parameters: issuer. */
export const readIssuerSql = `SELECT particulars FROM invoice_issuers WHERE issuer = $1`;

/** Parameters: issuer, particulars. */
export const putIssuerSql = `
INSERT INTO invoice_issuers (issuer, particulars) VALUES ($1, $2)
ON CONFLICT (issuer) DO UPDATE SET particulars = excluded.particulars`;

/** Parameters: workspace. */
export const readProfileSql = `SELECT terms, customer FROM billing_profiles WHERE workspace_id = $1`;

/** Parameters: workspace, terms, customer. */
export const putProfileSql = `
INSERT INTO billing_profiles (workspace_id, terms, customer) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET terms = excluded.terms, customer = excluded.customer`;

/** Parameters: workspace. */
export const eraseProfileSql = `UPDATE billing_profiles SET customer = NULL WHERE workspace_id = $1`;

/** Parameters: workspace. */
export const eraseParticularsSql = `UPDATE invoice_particulars SET customer = NULL WHERE workspace_id = $1`;

/** What was fixed first stays. Parameters: workspace, document, terms, sent, customer. */
export const fixParticularsSql = `
INSERT INTO invoice_particulars (workspace_id, document_id, terms, sent, customer) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, document_id) DO NOTHING
RETURNING document_id`;

/** Parameters: workspace, document. */
export const readParticularsSql = `
SELECT terms, sent, customer
FROM invoice_particulars
WHERE workspace_id = $1 AND document_id = $2`;
