-- Where events are sent. A control table: small, and the same on every node. Secrets stand as they are, since they have to sign; `old_secrets` is JSON, the newest
-- first, each with the instant until which it signs too. `consumer` names its places in `outbound_cursors`, and is never given again.
CREATE TABLE webhook_endpoints (
  id text NOT NULL,
  consumer text NOT NULL,
  bound_to text,
  url text NOT NULL,
  types text[],
  workspaces text[],
  description text,
  secret text NOT NULL,
  old_secrets text NOT NULL,
  rotated_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  disabled_at_ms bigint,
  disabled_reason text,
  PRIMARY KEY (id)
);

-- The last attempts for each endpoint, about a thousand of them; ids sort by time.
CREATE TABLE webhook_attempts (
  consumer text NOT NULL,
  id text NOT NULL,
  at_ms bigint NOT NULL,
  workspace text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  attempt integer NOT NULL,
  ms integer NOT NULL,
  taken boolean NOT NULL,
  status integer,
  fault text,
  next_at_ms bigint,
  PRIMARY KEY (consumer, id)
);
