/** Owns how lots of a subscription are numbered, and for how many credits a workspace has room. */
import { type Credits, credits, creditsMax, noCredits } from "../amount.ts";

/** Sorts as text by number. */
export const indexed = (index: number): string => String(index).padStart(4, "0");

/** A renewal is not refused: past the workspace's bound it grants what there is room for. */
export const roomFor = (granted: bigint): Credits =>
  granted >= creditsMax ? noCredits : credits(creditsMax - granted);
