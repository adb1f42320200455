/**
 * Owns how far an alert of unusual use goes.
 *
 * G1 what only numbers of others say (newcomers, the sum of all, one strange sign) is a note. G2 own habits left behind are told. G3 the reach
 * is lowered where a sign comes to it, where two signs come together, or at three times the bound: reserved credits stay open. G4 a key is
 * paused only on unusual use with two signs: never on a rule of use alone. G5 never further than the rule says.
 */
import { type AlertGrade, type UnusualRule, type UnusualSign, alertGrades } from "@cistern/kernel";

/** What an alert is graded by. */
export interface Graded {
  readonly rule: UnusualRule;
  readonly subject: "member" | "workspace";
  readonly kind: "person" | "agent" | "key";
  readonly seen: number;
  readonly bound: number | null;
  readonly signs: readonly UnusualSign[];
}

const farFactor = 3;

/** See the file head. */
export function gradeOf(graded: Graded, most: AlertGrade): AlertGrade {
  const own = ownGrade(graded);
  return alertGrades.indexOf(own) <= alertGrades.indexOf(most) ? own : most;
}

function ownGrade({ rule, subject, kind, seen, bound, signs }: Graded): AlertGrade {
  switch (rule) {
    case "newcomer":
      return signs.length > 0 ? "notify" : "note";
    case "key":
      return signs.length > 1 ? "lower" : "note";
    case "pace":
    case "day":
      if (subject === "workspace") return signs.length > 0 ? "notify" : "note";
      if (signs.length > 1 && kind === "key") return "pause";
      if (signs.length > 0 || (bound !== null && seen >= farFactor * bound)) return "lower";
      return "notify";
    case "joins":
    case "sponsor":
    case "short_lived":
      return "notify";
  }
}
