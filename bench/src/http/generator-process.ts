/** The load generator's process: one job after another, each answered with its result or with what went wrong. */
import { runJob } from "./callers.ts";
import type { Job } from "./job.ts";

process.on("message", (message) => {
  if (typeof message !== "string") throw new TypeError("A job comes as JSON text");
  const job: Job = JSON.parse(message);
  runJob(job).then(
    (result) => process.send?.(JSON.stringify({ result })),
    (error: unknown) => process.send?.(JSON.stringify({ failure: String(error) })),
  );
});
process.on("disconnect", () => process.exit());
