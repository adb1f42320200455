/** Entry of the part: replays of past periods, and offering what they speak for. */
export { type LookRows, createLookRows } from "./look-rows.ts";
export { recommendingMigrations } from "./migrations.ts";
export { type Recommender, type RecommenderOptions, createRecommender } from "./recommender.ts";
export {
  type NoPast,
  type Replayed,
  type Replays,
  type ReplaysOptions,
  createReplays,
} from "./replays.ts";
