// The one file of the client that touches the clock, timers, chance and the network of its runtime.
import type { Environment } from "./environment.ts";

/** The runtime's own fetch, clock, timers and randomness. */
export const defaultEnvironment: Environment = {
  fetch: async (url, request) => await fetch(url, request),
  now: () => Date.now(),
  printInstant: (at) => new Date(at).toISOString(),
  setTimer: (delayMs, task, isBackground) => {
    const timer = setTimeout(task, delayMs);
    // Browsers and workers give numbers, which hold no process.
    if (isBackground && typeof timer === "object") timer.unref();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  newKey: () => crypto.randomUUID(),
  warn: (message, cause) => console.warn(message, cause),
};
