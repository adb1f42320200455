-- When each workspace is looked at next for a period that is over, and up to where its past was replayed. A cache: without its row a workspace
-- is looked at once more, and nothing is told twice.
CREATE TABLE replay_looks (
  workspace_id text NOT NULL,
  look_at_ms bigint NOT NULL,
  replayed_to_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id)
);
