import type { Chance } from "./chance.ts";

/** How likely each fault of a message or a statement is now. All 0 in calm weather. */
export interface Weather {
  readonly requestLost: number;
  readonly replyLost: number;
  readonly requestDoubled: number;
  readonly statementLost: number;
  readonly statementReplyLost: number;
  readonly statementDoubled: number;
  readonly commitDelayed: number;
  readonly statementSlow: number;
  readonly serializationFailure: number;
  readonly deadlock: number;
  readonly connectionRefused: number;
}

/** Nothing goes wrong. */
export const calm: Weather = {
  requestLost: 0,
  replyLost: 0,
  requestDoubled: 0,
  statementLost: 0,
  statementReplyLost: 0,
  statementDoubled: 0,
  commitDelayed: 0,
  statementSlow: 0,
  serializationFailure: 0,
  deadlock: 0,
  connectionRefused: 0,
};

/** A climate of one seed: some faults never come, others often, so that seeds differ in what they try. */
export function stormy(chance: Chance): Weather {
  const sometimes = (most: number): number =>
    chance.happens(0.4) ? 0 : most * chance.fraction() * chance.fraction();
  return {
    requestLost: sometimes(0.2),
    replyLost: sometimes(0.25),
    requestDoubled: sometimes(0.25),
    statementLost: sometimes(0.12),
    statementReplyLost: sometimes(0.2),
    statementDoubled: sometimes(0.2),
    commitDelayed: sometimes(0.12),
    statementSlow: sometimes(0.2),
    serializationFailure: sometimes(0.2),
    deadlock: sometimes(0.15),
    connectionRefused: sometimes(0.15),
  };
}
