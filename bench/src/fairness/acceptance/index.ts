import type { Acceptance } from "./acceptance.ts";
import { conserved } from "./conserved.ts";
import { ofLives } from "./lives.ts";
import { ofPromises } from "./promises.ts";
import { ofStrategies } from "./strategies.ts";
import { ofTeams } from "./teams.ts";
import { timings } from "./timings.ts";
import { ofWorkloads } from "./workloads.ts";

/** The acceptance table, by number. */
export const acceptances: readonly Acceptance[] = [
  conserved,
  ...ofLives,
  ...ofPromises,
  ...ofWorkloads,
  ...ofStrategies,
  ...ofTeams,
  timings,
].toSorted((a, b) => Number(a.key.slice(1)) - Number(b.key.slice(1)));

export { type Acceptance, type Effort, barOf, holds } from "./acceptance.ts";
