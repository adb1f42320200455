import { type Credits, credits as checked } from "@cistern/kernel";

/** What members ask of a pool within one period. */
export interface Workload {
  readonly name: string;
  /** Members are numbered from 0; each weighs one seat. */
  readonly members: number;
  /** In order of time. */
  readonly requests: readonly Request[];
}

/** One call: all of it is used at once, or none of it where it is refused. */
export interface Request {
  readonly member: number;
  /** Micro-credits, above 0. */
  readonly credits: bigint;
  /** Milliseconds from the start of the period, which lasts `periodMs`. */
  readonly atMs: number;
}

/** Every workload is laid over a period of 30 days, whatever its own time was: a tick is an hour. */
export const periodMs: number = 30 * 24 * 60 * 60 * 1_000;

/** The ticks of a period. */
export const ticks = 720;

/** Micro-credits of credits. */
export const credits = (amount: number): Credits => checked(BigInt(Math.round(amount * 1_000_000)));

/** A workload in order of time; of one instant in the order given. */
export function workload(name: string, members: number, requests: readonly Request[]): Workload {
  return { name, members, requests: requests.toSorted((a, b) => a.atMs - b.atMs) };
}

/** What each member wants in all. */
export function demandOf({ members, requests }: Workload): bigint[] {
  const demand = Array.from({ length: members }, () => 0n);
  for (const { member, credits: asked } of requests)
    demand[member] = (demand[member] ?? 0n) + asked;
  return demand;
}

/** A fraction of the period as an instant in it. */
export const instantIn = (fraction: number): number =>
  Math.min(periodMs - 1, Math.max(0, Math.floor(fraction * periodMs)));
