/** Whether the process lives (`/livez`) or can decide (`/readyz`). */
export interface Health {
  readonly status: "ok" | "unavailable";
  /** Why not, by part. */
  readonly reasons?: readonly string[];
}
