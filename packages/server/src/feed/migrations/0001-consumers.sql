-- Who reads the events of all workspaces, and since when (0: from the start of each).
CREATE TABLE feed_consumers (
  consumer text PRIMARY KEY,
  since_ms bigint NOT NULL,
  created_at_ms bigint NOT NULL
);

-- How far each of them has said that it got: the last event, with 8 hex digits of its row's hash. `is_row_done`: nothing of that row is left.
CREATE TABLE feed_places (
  workspace_id text NOT NULL,
  consumer text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  hash text NOT NULL,
  is_row_done boolean NOT NULL,
  PRIMARY KEY (workspace_id, consumer)
);
