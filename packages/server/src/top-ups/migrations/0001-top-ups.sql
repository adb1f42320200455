-- Workspaces whose top-ups are looked after, written before a top-up is asked for or a rule is set: when they are looked at next.
CREATE TABLE top_up_watch (
  workspace_id text NOT NULL,
  look_at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id)
);

-- Top-ups whose provider was asked: how often, and when it may be asked again. The row is taken before the call.
CREATE TABLE top_up_attempts (
  workspace_id text NOT NULL,
  top_up_id text NOT NULL,
  tries integer NOT NULL,
  next_at_ms bigint NOT NULL,
  is_unknown boolean NOT NULL,
  PRIMARY KEY (workspace_id, top_up_id)
);
