export {
  type BehindWorkspace,
  type FeedConsumer,
  type FeedConsumers,
  type FeedPlace,
  createFeedConsumers,
} from "./consumers.ts";
export {
  createFeedWatch,
  type FeedWatch,
  type FeedWatchOptions,
  type Waiting,
} from "./feed-watch.ts";
export { feedMigrations } from "./migrations.ts";
