-- How far each consumer got in each workspace. `seq`, `idx`, `hash`: the last event that it has, with 8 hex digits of its row's hash; `trail`: places
-- before it, newest first, for a journal that lost its tail. `is_row_done`: nothing of that row is left. `from_ms`: read from this instant first, -1: no.
-- `claimed_by`, `claimed_until_ms`: the node that delivers just now. `next_at_ms`, `failures`: when to try again, after so many failures in a row.
CREATE TABLE outbound_cursors (
  workspace_id text NOT NULL,
  consumer text NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  hash text NOT NULL,
  trail text NOT NULL,
  is_row_done boolean NOT NULL,
  from_ms bigint NOT NULL,
  claimed_by text NOT NULL,
  claimed_until_ms bigint NOT NULL,
  next_at_ms bigint NOT NULL,
  failures integer NOT NULL,
  PRIMARY KEY (workspace_id, consumer)
) WITH (fillfactor = 50);
