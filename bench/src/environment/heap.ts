import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of the heap after a forced collection: what is needed, and not what is left about. */
export function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // Once more, for what only the first finds to be free.
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
