/**
 * Owns what the matrix of collectors is made of. A row is an SDK as a program uses it, and what is told to it: for each situation what the
 * provider does, and the ends of the holds that are right then. What is right is written by hand, from the providers' documents and the bytes
 * that the stand-in sends, never from our output.
 */
import type { Collector } from "@cistern/client/metering";
import type { Script } from "../../packages/client/test/collectors/provider.ts";

/** The situations, in the order of the table. */
export const situations = [
  "plain",
  "stream",
  "abort",
  "left at the end",
  "disconnect",
  "cut JSON",
  "missing usage",
  "provider error",
  "retry",
  "timeout",
  "cached tokens",
  "reasoning tokens",
  "tool calls",
  "cut tool call",
] as const;

/** What a call gets into. */
export type Situation = (typeof situations)[number];

/** How a hold ended, as the journal has it. */
export type End =
  | "released"
  | {
      readonly usage: Readonly<Record<string, number>>;
      readonly outcome: "delivered" | "partial" | "cancelled" | "failed";
      /** The usage was reckoned. */
      readonly estimated?: true;
    };

/** What the provider does in a situation, and what is right then. */
export interface Told {
  /** Request by request; the last again and again. */
  readonly provider: readonly Script[];
  /** The holds' ends, in the order in which they were opened. */
  readonly expected: readonly End[];
  /** How the program calls; default as the situation says, else `whole`. */
  readonly by?: "whole" | "stream";
  /** Where a program leaves a stream: after the part with this text; default ` you`. */
  readonly until?: string;
}

/** A situation that an SDK cannot get into, with the reason. */
export interface NoCell {
  readonly none: string;
}

/** What a row is told, situation by situation. */
export type AllTold = Readonly<Record<Situation, Told | NoCell>>;

/** Where an SDK is pointed at. */
export interface Connection {
  /** The provider, or the gateway's way to it. */
  readonly url: string;
  /** The provider's own key, or one for the gateway. */
  readonly apiKey: string;
  /** Meters in the program. */
  readonly collector: Collector | undefined;
}

/** Which provider of the gateway a row goes through; none: it is metered in the program. */
export type Through = "openai" | "anthropic" | "google" | undefined;

/** A row whose client is nobody else's business. */
export interface RunnableRow {
  readonly sdk: string;
  readonly through: Through;
  readonly told: AllTold;
  readonly run: (situation: Situation, told: Told, on: On) => Promise<unknown>;
}

/** What a program runs on. */
export interface On {
  readonly to: Connection;
  /** Resolves when the provider has been asked. */
  readonly asked: () => Promise<void>;
}
