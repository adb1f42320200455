import type { Outcome, SettleRequest, Usage } from "@cistern/contract";

/**
 * What was really used: credits, or usage that the rate card prices; where nobody knows, how the call ended. `outcome` decides what
 * is charged by the meter's rules, but never over credits that are said. An increment (`final: false`) has no outcome yet.
 * `model` is the one that answered, where the call was re-routed to another than it was held for: its row of the rate card prices the
 * call, and without one what the hold has left is charged, flagged `unrated`. So it is where the hold was made in credits: usage of it is not
 * rated. `estimated` says that the usage was reckoned here, since the provider did not tell it; `response` is the provider's own id of the
 * answer.
 */
export type Spent = (
  | { readonly credits: string; readonly outcome?: Outcome; readonly model?: string }
  | { readonly usage: Usage; readonly outcome?: Outcome; readonly model?: string }
  | { readonly outcome: Outcome; readonly model?: string }
) &
  Pick<SettleRequest, "estimated" | "response">;
