-- Numbers of documents that were given out, one row each. A control table: a series runs over all workspaces of an issuer.
CREATE TABLE invoice_numbers (
  issuer text NOT NULL,
  kind text NOT NULL,
  number bigint NOT NULL,
  printed text NOT NULL,
  workspace_id text NOT NULL,
  document_id text NOT NULL,
  PRIMARY KEY (issuer, kind, number),
  UNIQUE (issuer, kind, workspace_id, document_id)
);

-- Who sends invoices: a control table. particulars is JSON.
CREATE TABLE invoice_issuers (
  issuer text NOT NULL,
  particulars text NOT NULL,
  PRIMARY KEY (issuer)
);

-- What a workspace's next invoices are made with, and to whom they go. It stands outside the journal, so that names can be erased:
-- then customer is null. terms and customer are JSON.
CREATE TABLE billing_profiles (
  workspace_id text NOT NULL,
  terms text NOT NULL,
  customer text,
  PRIMARY KEY (workspace_id)
);

-- What an invoice was issued with, fixed before it was: later changes of a profile do not touch it. Erased like a profile.
CREATE TABLE invoice_particulars (
  workspace_id text NOT NULL,
  document_id text NOT NULL,
  terms text NOT NULL,
  sent text NOT NULL,
  customer text,
  PRIMARY KEY (workspace_id, document_id)
);
