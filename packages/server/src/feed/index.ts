export {
  createFeedWatch,
  type FeedWatch,
  type FeedWatchOptions,
  type Waiting,
} from "./feed-watch.ts";
