-- What people read and accepted, by its SHA-256: the journal has the hash alone. A text is never changed and never removed.
CREATE TABLE policy_texts (
  workspace_id text NOT NULL,
  hash text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (workspace_id, hash)
);
