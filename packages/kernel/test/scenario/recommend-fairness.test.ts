import { type PresetAdvice, instant } from "@cistern/kernel";
import { scenarios } from "./check.ts";
import { hour, noon } from "./commands.ts";

const recommend = (changes: Partial<PresetAdvice> = {}) =>
  ({
    kind: "recommendFairness",
    advice: {
      period: { start: instant(noon), end: instant(noon + hour) },
      cutAt: null,
      inForce: "off",
      preset: "balanced",
      outcomes: [],
      ...changes,
    },
  }) as const;

const invalid = (field: string, reason: string) => ({
  rejected: { code: "invalid_request", field, reason } as const,
});
const unfinished = invalid("period", "A period speaks for something when it is over.");
const strict = {
  kind: "updateWorkspace",
  changes: { fairness: { preset: "strict" } },
} as const;

scenarios("what a period speaks for is offered, or refused in this order", [
  {
    name: "a period that is over speaks for another preset, and changes nothing",
    when: recommend({ period: { start: instant(0), end: instant(noon) } }),
    expect: { event: { kind: "fairness.recommended" }, balance: { available: 0 } },
  },
  {
    name: "one that runs still speaks for nothing, whatever is in force",
    given: [strict],
    when: recommend(),
    expect: unfinished,
  },
  {
    name: "somebody has chosen another one meanwhile",
    given: [strict],
    when: recommend({ period: { start: instant(0), end: instant(noon) }, preset: "strict" }),
    expect: invalid("inForce", "The preset in force is strict."),
  },
  {
    name: "what is in force need not be recommended",
    when: recommend({ period: { start: instant(0), end: instant(noon) }, preset: "off" }),
    expect: invalid("preset", "off is in force already."),
  },
]);
