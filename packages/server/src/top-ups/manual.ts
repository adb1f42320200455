import type { TopUpPaymentProvider } from "./port.ts";

/**
 * Bank transfer: somebody who sees the money, or knows that none will come, says so (`POST …/top-ups/{topUp}/mark-paid` or
 * `mark-failed`). So it never knows of an end.
 */
export const manualTopUps: TopUpPaymentProvider = {
  name: "manual",
  collect: async ({ payment }) => ({ kind: "processing", payment }),
  poll: async ({ payment }) => ({ kind: "processing", payment }),
};
