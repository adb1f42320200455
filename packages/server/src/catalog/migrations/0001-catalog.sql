-- A control table: small, and the same on every node of a distributed engine. Versions of the catalog: pushed once, never changed.
CREATE TABLE catalog_versions (
  version bigint NOT NULL,
  hash text NOT NULL,
  content text NOT NULL,
  effective_at_ms bigint NOT NULL,
  pushed_at_ms bigint NOT NULL,
  PRIMARY KEY (version)
);
