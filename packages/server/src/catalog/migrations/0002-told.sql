-- A control table: small, and the same on every node of a distributed engine. Versions of the catalog that were told to all
-- workspaces once they were in effect.
CREATE TABLE catalog_versions_told (
  version bigint NOT NULL,
  PRIMARY KEY (version)
);
