/**
 * Bugs that a run can be given, one flag each. The history checker knows none of them: it judges these runs by the same
 * questions as clean ones. Product code has none of them either: they sit in the simulated database, in the connection to
 * it, in the kernel functions that an engine is handed, or in front of its door.
 */
import type { Focus } from "../callers/known.ts";

/** The bugs, with what each is. */
export const plantedBugs = {
  // In the database.
  noFence: "an append is written whatever the head is",
  answerBeforeDurable: "an append is answered before it is executed",
  keysOutsideAppend: "keys are written by a second statement, some time after the append",
  keysNotUnique: "a key that was accepted before is accepted again",
  staleSnapshotTakenForCurrent: "a cold workspace gets the snapshot without the rows after it",
  commitsNotSynced: "a restart of the database loses what it answered in the last moments",
  // In the connection.
  noCurrencyProof: "a refusal is proven by the head that this node last saw",
  retryWithoutBatchId: "after an unknown outcome the events are appended again as a new batch",
  lostReplyTakenForFailure: "an append of unknown outcome counts as not done and is decided afresh",
  // In the kernel functions.
  releasedTwice: "a hold that was released can be released again",
  lotOrderReversed: "lots burn in the reverse order",
  expiryByNodeClock:
    "what is due is judged by the node's clock, not by the instant of the decision",
  dueEventsSkipped: "lots do not expire",
  undoForgotten: "a batch that lost its race stays applied in memory",
  capCountedTwice: "a hold counts twice in its caps",
  rateNotCharged: "rates let everything through",
  debtNotPaidByGrant: "a grant leaves debts unpaid",
  returnedToWrongLot: "what a hold did not use goes back to another lot",
  settledTwice: "a settled hold can be settled again",
  poolOversold: "holds in flight do not count against the pool's debt limit",
  runStepGivenBack: "a release gives its step back to the run",
  runDebitsForgotten: "usage after the fact is not counted in the runs around its own",
  runLimitOfNearestAlone: "only the nearest run is asked for its limit",
  runPauseIgnored: "a run that is paused goes on",
  runNeverIdles: "a run that nobody uses does not expire",
  policyOfGroupIgnored: "calls are let past the policies of their groups",
  raiseNeverEnds: "what was approved for a window holds in the next one too",
  lentForEver: "what was approved once is lent again and again",
  acceptedByAnybody: "a text that somebody has accepted counts as accepted by all",
  answeredTwice: "a request that was answered can be answered again",
  requestNeverExpires: "a request waits for ever",
  anybodyAnswers: "whoever asks may answer requests",
  percentOfWhatIsLeft: "a limit in percent is of what is left of the pool",
  ceilingIgnored: "holds are let past ceilings on what is taken past the pool",
  ceilingNeverFalls: "a ceiling keeps counting what a hold did not take past the pool",
  bulkLosesOne: "of many limits that change at once the last stays as it was",
  splitUnequal: "a split gives the first what the last should have",
  leaverSpends: "who was removed spends all the same",
  leaverCannotSettle: "calls of who was removed cannot be settled",
  suspendedSpends: "a suspended workspace goes on spending",
  suspendedCannotSettle: "calls cannot be settled while their workspace is suspended",
  toldTwice: "what a threshold's crossing is told under is not the same for all who notice it",
  toldOnceForEver: "a threshold is told once, and not armed anew",
  // In the kernel functions, where workspaces live on plans.
  periodEndSkipped: "a period never ends",
  seatsOversold: "seats are given beyond those that are paid for",
  seatNotAsked: "who has no seat spends all the same",
  paymentGrantsTwice: "a payment that became credits becomes credits again",
  ruleImpatient: "the top-up rule asks again while its request waits",
  outcomeBilledTwice: "an outcome is billed at twice its share",
  monthNeverFenced: "a month that is closed can be closed again",
  rolloverDoubled: "what rolls over is there twice",
  spendCapForgetful: "what is billed and in flight does not count against the spend cap",
  overageBilledTwice: "usage past the pool is billed at twice its price",
  partPricedAlone: "usage past the pool is priced as if none had been billed in its period",
  allowanceGivenTwice: "what a call used of an allowance is there again",
  commitmentForgetsUsage: "usage does not count against a minimum when its period ends",
  prepaidBoughtAgain: "each period buys a term of what is prepaid",
  reservedForAll: "what is reserved for a group carries calls of everybody",
  interimLeavesOut: "an invoice that is asked for leaves a line out",
  creditNoteForgotten: "money of a purchase goes back without a credit note",
  planLimitsIgnored: "holds are let past the limits of their plan",
  // In the kernel functions, where pools are shared.
  sweepSkipped: "decisions see reserves as they were when the period began",
  borrowLimitIgnored: "above-share credits have no limit",
  reservesLent: "what is reserved for others is open to whoever asks",
  returnedToReserve: "what came out of a pot goes back to the caller's own reserve",
  topUpByCount: "a top-up is shared by heads and not by weight",
  agentsWeigh: "an agent brings a seat of its own",
  giftDoubled: "who gets a gift gets twice what the giver loses",
  joinTakesReserves: "who comes takes of what is reserved for others",
  leaverKeepsReserve: "who leaves keeps what was reserved",
  usageUncounted: "what is drawn does not count as use",
  giftAnsweredForFree: "a gift that answers a request costs its giver nothing",
  // In front of the engine.
  keyWithoutFingerprint: "a key answers whatever body it comes with",
  clockNeverCompared: "a node never learns that its clock is wrong",
  cursorWithoutHash: "a cursor of the feed is taken without the hash of its row",
} as const;

/** The name of a planted bug. */
export type PlantedBug = keyof typeof plantedBugs;

const billed: readonly PlantedBug[] = [
  "periodEndSkipped",
  "seatsOversold",
  "seatNotAsked",
  "paymentGrantsTwice",
  "ruleImpatient",
  "outcomeBilledTwice",
  "monthNeverFenced",
  "rolloverDoubled",
  "spendCapForgetful",
  "overageBilledTwice",
  "partPricedAlone",
  "allowanceGivenTwice",
  "commitmentForgetsUsage",
  "prepaidBoughtAgain",
  "reservedForAll",
  "interimLeavesOut",
  "creditNoteForgotten",
  "planLimitsIgnored",
];

const shared: readonly PlantedBug[] = [
  "sweepSkipped",
  "borrowLimitIgnored",
  "reservesLent",
  "returnedToReserve",
  "topUpByCount",
  "agentsWeigh",
  "giftDoubled",
  "joinTakesReserves",
  "leaverKeepsReserve",
  "usageUncounted",
  "giftAnsweredForFree",
];

/** What callers do most in the runs of a bug, where little of it would hardly show it. */
const focuses: Partial<Record<PlantedBug, Focus>> = {
  spendCapForgetful: "overage",
  overageBilledTwice: "overage",
  partPricedAlone: "overage",
  commitmentForgetsUsage: "overage",
  interimLeavesOut: "overage",
  raiseNeverEnds: "requests",
  lentForEver: "requests",
  answeredTwice: "requests",
  requestNeverExpires: "requests",
  giftAnsweredForFree: "requests",
  anybodyAnswers: "requests",
  percentOfWhatIsLeft: "limits",
  ceilingIgnored: "limits",
  ceilingNeverFalls: "limits",
  bulkLosesOne: "limits",
  splitUnequal: "limits",
  toldTwice: "alerts",
  toldOnceForEver: "alerts",
  leaverSpends: "people",
  leaverCannotSettle: "people",
  suspendedSpends: "people",
  suspendedCannotSettle: "people",
};

/** In which workspaces a bug shows. */
export const kindOf = (bug: PlantedBug) => ({
  bug,
  isBilled: billed.includes(bug),
  isShared: shared.includes(bug),
  focus: focuses[bug],
});

/** Whether a word names a planted bug. */
export const isPlantedBug = (name: string): name is PlantedBug => Object.hasOwn(plantedBugs, name);
