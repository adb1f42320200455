-- Workspaces that are watched for alerts, written before their first rule can stand: how far their journal was taken in, and what is kept of the whole.
-- `told_seq`: up to there crossings were raised before; a fold that is made anew raises none again.
CREATE TABLE watch_cursors (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  told_seq bigint NOT NULL,
  form integer NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (workspace_id)
);

-- What is kept of each spender, and of each cap that was counted in: `kind` says which.
CREATE TABLE watch_rows (
  workspace_id text NOT NULL,
  kind text NOT NULL,
  id text NOT NULL,
  form integer NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (workspace_id, kind, id)
);
