import type { OutboundSettings } from "../../src/open-outbound.ts";

/** Pauses of milliseconds instead of days: they double to two seconds, and do not run out. */
export const torturePace: OutboundSettings = {
  lookMs: 100,
  sweepMs: 200,
  drainMs: 100,
  timeoutMs: 500,
  claimSlackMs: 500,
  schedule: {
    retryMs: Array.from({ length: 1_000 }, (_, failures) => Math.min(2_000, 4 * 2 ** failures)),
    jitter: 0.2,
  },
};
