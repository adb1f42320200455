export { meteredFetch } from "./metered-fetch.ts";
export type { FetchLike, MeteredFetchOptions } from "./metered-fetch.ts";
export { refusalOf } from "./refusal.ts";
