-- What became of an observation where spans are charged: charging (it is being told), charged, refused, around (other calls lie within it) or settled
-- (a settlement tells the same answer, told_by); refund is the id of what was given back then. Null: spans were not charged.
ALTER TABLE observations ADD COLUMN fate text;
ALTER TABLE observations ADD COLUMN told_by text;
ALTER TABLE observations ADD COLUMN refund text;

-- Which span lies within which, where spans are charged; is_around: a call lies within it, also where it has not come yet. Rows may be deleted by time.
CREATE TABLE span_links (
  workspace_id text NOT NULL,
  trace_id text NOT NULL,
  span_id text NOT NULL,
  parent_span_id text,
  is_around boolean NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id, trace_id, span_id)
);
CREATE INDEX span_links_by_time ON span_links (workspace_id, at_ms);
