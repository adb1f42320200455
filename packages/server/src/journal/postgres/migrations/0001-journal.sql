-- Everything is keyed by workspace_id first, so that a distributed engine may shard by it. Hashes are 32 raw bytes.

-- One row a workspace, updated by every flush. No index but the key, and half of each page left free: so an update stays on
-- its page (HOT), writes no index and leaves nothing for vacuum.
CREATE TABLE heads (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  prev_hash bytea NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id)
) WITH (fillfactor = 50);

-- Only ever appended. Long events are compressed by the database: a fifth of the bytes on the disk and in the log, for about
-- 4 microseconds of its processor per kilobyte.
CREATE TABLE journal (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  batch_id text NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  at_ms bigint NOT NULL,
  writer text NOT NULL,
  codec integer NOT NULL,
  events text NOT NULL,
  PRIMARY KEY (workspace_id, seq)
);

-- Accepted keys: where each stands in the journal, and the fingerprint of its request.
CREATE TABLE ops (
  workspace_id text NOT NULL,
  op_id text NOT NULL,
  fingerprint bytea NOT NULL,
  seq bigint NOT NULL,
  idx integer NOT NULL,
  PRIMARY KEY (workspace_id, op_id)
);

-- Manifests of snapshots: pages is a JSON object, page name to {"seq", "hash"} of the page version.
CREATE TABLE snapshots (
  workspace_id text NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  codec integer NOT NULL,
  pages text NOT NULL,
  PRIMARY KEY (workspace_id, seq)
);

-- Page versions; seq is the snapshot that wrote them.
CREATE TABLE snapshot_pages (
  workspace_id text NOT NULL,
  page text NOT NULL,
  seq bigint NOT NULL,
  hash text NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (workspace_id, page, seq)
);
