/**
 * The words of a history: what callers asked, what they heard, and when, in true time. A `Call` is one message to one node;
 * retries of an intention are calls of one `operation`, and a message that arrives twice is two calls.
 */
import type { Command } from "@cistern/kernel";
import type {
  Answer,
  EngineFaultCode,
  EngineRequest,
  FeedCursor,
  FeedEvent,
  ReadAnswer,
  TailLost,
} from "cistern/engine";

/** What a strict read asks. All of them are plain, so that the checker can ask the same of a replayed state. */
export type Question =
  | { readonly kind: "balance" }
  | { readonly kind: "balanceAt"; readonly instantMs: number }
  | { readonly kind: "allowance"; readonly member: string }
  | { readonly kind: "share"; readonly member: string }
  | { readonly kind: "billing" }
  | { readonly kind: "hold"; readonly hold: string }
  | { readonly kind: "quote"; readonly command: Command };

/** What one call asks of its node. */
export type Ask =
  | { readonly kind: "command"; readonly request: EngineRequest }
  | { readonly kind: "read"; readonly workspaceId: string; readonly question: Question };

/** What came back. `unreachable`: nobody was there to hear it. `broken`: something that no caller should ever see. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "read"; readonly answer: ReadAnswer<unknown> }
  | { readonly kind: "fault"; readonly code: EngineFaultCode; readonly message: string }
  | { readonly kind: "unreachable" }
  | { readonly kind: "broken"; readonly message: string };

/** One message to one node. Mutable: the reply is noted when the caller hears it, however late. */
export interface Call {
  readonly number: number;
  readonly operation: number;
  readonly caller: string;
  readonly node: string;
  readonly ask: Ask;
  readonly askedUs: number;
  answeredUs: number | undefined;
  reply: Reply | undefined;
}

/** A node's clock from then on: how far it is ahead of true time. */
export interface ClockSet {
  readonly node: string;
  readonly atUs: number;
  readonly aheadMs: number;
}

/** A node compared its clock with the database's; `distanceMs` is what was certain. */
export interface ClockCompared {
  readonly node: string;
  readonly life: number;
  readonly atUs: number;
  readonly distanceMs: number;
}

/** A life of a node's process. */
export interface NodeStarted {
  readonly node: string;
  readonly life: number;
  readonly atUs: number;
}

/** A node says that the journal lost rows. */
export interface LossReported {
  readonly node: string;
  readonly atUs: number;
  readonly loss: TailLost;
}

/** A page of the feed as the consumer of a workspace read it; `events` is undefined where its cursor was lost. */
export interface FeedRead {
  readonly workspaceId: string;
  readonly askedUs: number;
  readonly answeredUs: number;
  readonly after: FeedCursor;
  readonly events: readonly FeedEvent[] | undefined;
}

/** Whether an acknowledged answer still stands, as a node says when it is given the answer's place as a cursor. */
export interface StandingAsked {
  readonly call: number;
  readonly isLost: boolean;
}

/** A line of the world's own story, for readers. */
export interface Incident {
  readonly atUs: number;
  readonly text: string;
}

/** All that callers and the world noted in one run. */
export interface History {
  readonly calls: Call[];
  readonly clocks: ClockSet[];
  readonly compared: ClockCompared[];
  readonly starts: NodeStarted[];
  readonly losses: LossReported[];
  readonly feed: FeedRead[];
  readonly standing: StandingAsked[];
  readonly incidents: Incident[];
  /** From when on nothing goes wrong any more. */
  calmFromUs: number | undefined;
}

/** Nothing was noted yet. */
export const emptyHistory = (): History => ({
  calls: [],
  clocks: [],
  compared: [],
  starts: [],
  losses: [],
  feed: [],
  standing: [],
  incidents: [],
  calmFromUs: undefined,
});

/** The workspace that a call is about. */
export const workspaceOf = ({ ask }: Call): string =>
  ask.kind === "command" ? ask.request.workspaceId : ask.workspaceId;
