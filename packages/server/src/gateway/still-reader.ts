/**
 * Owns when a caller that still has its connection has left all the same.
 *
 * R1 a reader for whom bytes wait, and who takes none of them from one look to the next, has left: its connection is closed, and its call ends as
 * one that was hung up. R2 a slow reader has not left, and nor has one for whom nothing waits, such as while the provider thinks.
 */
import type { ServerResponse } from "node:http";
import type { After } from "./upstream-fetch.ts";

/** How long a reader may stand still: it is looked at that often. */
export interface ReaderPatience {
  readonly stillMs: number;
  readonly after: After;
}

/** The caller took nothing of what waited for it. */
class ReaderStoodStill extends Error {
  override readonly name = "ReaderStoodStill";
}

/** Closes the answer of a reader that stands still. */
export function watchReader(answer: ServerResponse, { stillMs, after }: ReaderPatience): void {
  let takenBefore: number | undefined;
  let callOff: () => void;
  const look = (): void => {
    const taken = takenWhileMoreWaits(answer);
    if (taken !== undefined && taken === takenBefore)
      answer.destroy(new ReaderStoodStill(`Nothing was taken in ${stillMs} ms.`));
    takenBefore = taken;
    callOff = after(stillMs, look);
  };
  callOff = after(stillMs, look);
  answer.once("close", () => callOff());
}

/** Undefined: nothing waits. */
function takenWhileMoreWaits({ socket }: ServerResponse): number | undefined {
  if (socket === null || socket.writableLength === 0) return undefined;
  return socket.bytesWritten - socket.writableLength;
}
