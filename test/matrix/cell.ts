/**
 * Owns what the matrix of collectors is made of: a row is an SDK as a program uses it, a cell one situation that it gets into, with the settlement
 * that is right there. What is right is written by hand, from the providers' documents and the bytes that the stand-in sends, never from our output.
 */
import type { Collector } from "@cistern/client/metering";
import type { Provider, Script } from "../../packages/client/test/collectors/provider.ts";

/** The situations, in the order of the table. */
export const situations = [
  "plain",
  "stream",
  "abort",
  "disconnect",
  "missing usage",
  "provider error",
  "retry",
  "timeout",
  "cached tokens",
  "reasoning tokens",
  "tool calls",
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

/** One situation of one SDK. */
export interface Cell<Client> {
  /** What the provider does, request by request; the last again and again. */
  readonly provider: readonly Script[];
  /** What the program does. It answers what it has seen, as JSON: the same with and without metering. */
  readonly program: (client: Client, provider: Provider) => Promise<unknown>;
  /** The holds' ends, in the order in which they were opened. */
  readonly expected: readonly End[];
}

/** An SDK with its collector. */
export interface Row<Client> {
  readonly sdk: string;
  /** How a program makes it; metered by the collector where one is given. */
  readonly connect: (to: Connection) => Client;
  readonly cells: Readonly<Record<Situation, Cell<Client> | { readonly none: string }>>;
}

/** Where an SDK is pointed at. */
export interface Connection {
  /** The provider. */
  readonly url: string;
  readonly collector: Collector | undefined;
  /** Of a metered call: the gateway in front of that provider, and a key for it. */
  readonly gateway: { readonly url: string; readonly key: string } | undefined;
}

/** A row of any SDK, ready to be run. */
export interface RunnableRow {
  readonly sdk: string;
  /** It is metered by the gateway, and not in the program. */
  readonly isGateway: boolean;
  readonly cells: Readonly<Record<Situation, RunnableCell | { readonly none: string }>>;
}

/** A cell of any SDK. */
export interface RunnableCell {
  readonly provider: readonly Script[];
  readonly run: (to: Connection, provider: Provider) => Promise<unknown>;
  readonly expected: readonly End[];
}

/** Hides which client a row has. */
export function row<Client>(given: Row<Client>, isGateway = false): RunnableRow {
  const cells = Object.fromEntries(
    situations.map((situation) => {
      const cell = given.cells[situation];
      if ("none" in cell) return [situation, cell];
      const { provider, program, expected } = cell;
      const run = async (to: Connection, at: Provider): Promise<unknown> =>
        await program(given.connect(to), at);
      return [situation, { provider, run, expected }];
    }),
  );
  return { sdk: given.sdk, isGateway, cells: checked(cells) };
}

function checked(
  cells: Readonly<Record<string, RunnableCell | { readonly none: string }>>,
): RunnableRow["cells"] {
  if (hasAll(cells)) return cells;
  throw new Error("A row lacks a situation");
}

function hasAll(
  cells: Readonly<Record<string, RunnableCell | { readonly none: string }>>,
): cells is RunnableRow["cells"] {
  return situations.every((situation) => cells[situation] !== undefined);
}

/** What a promise came to, as a program that catches errors sees it. */
export async function seenOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: String(error) };
    const status = "status" in error ? error.status : undefined;
    return {
      error: error.constructor.name,
      message: error.message,
      ...(status === undefined ? {} : { status }),
    };
  }
}
