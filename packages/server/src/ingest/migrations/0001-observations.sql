-- Calls of models that somebody else saw, as spans over OTLP: what was settled is compared with them. They are no facts of the journal; rows may be
-- deleted by time. usage is JSON by bucket, null where none was told; debit is the id of what was charged for it.
CREATE TABLE observations (
  workspace_id text NOT NULL,
  trace_id text NOT NULL,
  span_id text NOT NULL,
  parent_span_id text,
  ended_at_ms bigint NOT NULL,
  operation text NOT NULL,
  provider text,
  model text,
  member text,
  run text,
  response text,
  usage text,
  debit text,
  PRIMARY KEY (workspace_id, trace_id, span_id)
);
CREATE INDEX observations_by_time ON observations (workspace_id, ended_at_ms, trace_id, span_id);
CREATE INDEX observations_by_response ON observations (workspace_id, response);
CREATE INDEX observations_by_parent ON observations (workspace_id, trace_id, parent_span_id);
