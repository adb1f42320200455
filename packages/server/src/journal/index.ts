export { codecVersion, decodeEvents, encodeEvents, EventsWriter } from "./codec.ts";
export {
  genesisHash,
  genesisHead,
  hashRow,
  verifyRow,
  type ChainBreach,
  type HashedRow,
} from "./chain.ts";
export { memoryStore } from "./memory/memory-store.ts";
export {
  journalMigrations,
  postgresStore,
  type PostgresStoreOptions,
} from "./postgres/postgres-store.ts";
export { headsOf } from "./postgres/heads.ts";
export { workspaceIds, workspacePage } from "./postgres/workspace-ids.ts";
export {
  pageBytesMax,
  StoreFault,
  type Append,
  type AppendOutcome,
  type Head,
  type JournalRow,
  type JournalStore,
  type OpRow,
  type SnapshotManifest,
  type SnapshotPage,
} from "./port.ts";
