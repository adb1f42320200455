-- A control table: small, and the same on every node of a distributed engine. Of a secret only its SHA-256 is kept.
CREATE TABLE api_keys (
  id text NOT NULL,
  hash bytea NOT NULL,
  prefix text NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  bound_to text,
  created_at_ms bigint NOT NULL,
  revoked_at_ms bigint,
  op_id text,
  fingerprint text,
  PRIMARY KEY (id),
  UNIQUE (hash),
  UNIQUE (op_id)
);

-- What people, groups and workspaces are called. It stands outside the journal, so that a name can be erased: then it is null.
CREATE TABLE names (
  workspace_id text NOT NULL,
  kind text NOT NULL,
  id text NOT NULL,
  name text,
  PRIMARY KEY (workspace_id, kind, id)
);
