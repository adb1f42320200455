import type { HandlersOf } from "../calls/call.ts";
import type { ApiParts } from "../parts.ts";

/** Whether the process lives, and whether it can decide. */
export function healthHandlers({ readiness }: ApiParts): HandlersOf<"livez" | "readyz"> {
  return {
    livez: () => ({ kind: "done", status: 200, body: { status: "ok" } }),

    async readyz() {
      const reasons = await readiness();
      return reasons.length === 0
        ? { kind: "done", status: 200, body: { status: "ok" } }
        : { kind: "done", status: 503, body: { status: "unavailable", reasons } };
    },
  };
}
