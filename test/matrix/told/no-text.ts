/** What only models that write text get into. */
const calls = { none: "such a model calls nothing" };

/** The cells that others do not have. */
export const noText = {
  "cached tokens": { none: "the API tells of no cached tokens" },
  "reasoning tokens": { none: "the API tells of no reasoning" },
  "tool calls": calls,
  "cut tool call": calls,
};
