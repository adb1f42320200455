import { type Cistern, type FetchResponse, createCistern } from "@cistern/client";
import type { CisternNode } from "../processes/cistern-node.ts";

/**
 * How long a caller waits before it turns to the other node. `brisk` soon, without a repetition; `retrying` as the SDK repeats
 * by itself; `patient` so long that it hears what a node says that was stopped for seconds.
 */
export const patiences = ["brisk", "retrying", "patient"] as const;
/** One of `patiences`. */
export type Patience = (typeof patiences)[number];

/** The SDK on one node. */
export interface Door {
  readonly node: CisternNode;
  readonly cistern: Cistern;
  /**
   * Requests through this door that ended without a decision, those that the SDK repeated by itself included: as long as
   * this does not move, what is refused here was not also asked somewhere where nobody heard the answer.
   */
  readonly lost: () => number;
}

const settings = {
  brisk: { requestTimeoutMs: 700, timeoutMs: 1_000, retriesMax: 0 },
  retrying: { requestTimeoutMs: 1_200, timeoutMs: 5_000, retriesMax: 3, backoffMaxMs: 400 },
  patient: { requestTimeoutMs: 15_000, timeoutMs: 15_000, retriesMax: 0 },
} as const;

/** Opens a door; nothing is sent. */
export function openDoor(node: CisternNode, apiKey: string, patience: Patience): Door {
  let lost = 0;
  const cistern = createCistern({
    url: node.url,
    apiKey,
    ...settings[patience],
    environment: {
      fetch: async (url, request) => {
        try {
          const response = await fetch(url, request);
          const text = await response.text();
          if (response.status >= 500 || hasUndecided(text)) lost += 1;
          return withText(response, text);
        } catch (error) {
          lost += 1;
          throw error;
        }
      },
    },
  });
  return { node, cistern, lost: () => lost };
}

/** Whether one of a batch's answers is an outage. Erring on the side of yes is harmless. */
const hasUndecided = (text: string): boolean => text.includes('"status":5');

function withText({ status, headers }: Response, text: string): FetchResponse {
  return {
    status,
    headers,
    text: () => Promise.resolve(text),
    arrayBuffer: () => Promise.resolve(new TextEncoder().encode(text).buffer),
  };
}
