/**
 * Owns which policy a workspace shares its pool by (FAIRNESS 1.1): its own setting, else that of its plan, else none.
 *
 * A plan names its preset, `balanced` unless it says otherwise; a workspace without a plan begins with `off` (FAIRNESS 1.10).
 */

/** Names of policies. `off` is first come, first served. */
export const fairnessPresets = ["off", "strict", "balanced", "lend_early"] as const;
/** One of them. */
export type FairnessPreset = (typeof fairnessPresets)[number];

/** What a workspace says of its policy. `plan`: as its plan says. */
export interface FairnessSetting {
  readonly preset: FairnessPreset | "plan";
  /** Thousandths of the fair share that are reserved at the start, 0 to 1000; left out: those of the preset. */
  readonly reserve?: number;
  /** How far above the fair share a member may go, in thousandths, 0 to 100,000; left out: that of the preset. */
  readonly reach?: number;
  /** The owner who chose it; left out where nobody is named. */
  readonly chosenBy?: string;
}

/** What a plan says. */
interface PlansPreset {
  readonly fairness?: FairnessPreset;
}

/** The two knobs, in thousandths: reserve (γ) and reach (κ). */
export interface Knobs {
  readonly reserve: number;
  readonly reach: number;
}

/** Thousandths that are the whole: of a share, and of a reach that nobody lowered. */
export const whole = 1_000;

/** The most that a reach is set to. */
export const reachMax = 100_000;

const knobsOf: Readonly<Record<Exclude<FairnessPreset, "off">, Knobs>> = {
  strict: { reserve: 1_000, reach: 1_000 },
  balanced: { reserve: 700, reach: 1_000 },
  lend_early: { reserve: 500, reach: 2_000 },
};

/** The knobs in force; undefined where the pool is not shared by a policy. */
export function knobsInForce(
  own: FairnessSetting | undefined,
  plan: PlansPreset | undefined,
): Knobs | undefined {
  const preset = presetInForce(own, plan);
  if (preset === "off") return undefined;
  const { reserve, reach } = knobsOf[preset];
  return { reserve: own?.reserve ?? reserve, reach: own?.reach ?? reach };
}

/** The preset in force. */
export function presetInForce(
  own: FairnessSetting | undefined,
  plan: PlansPreset | undefined,
): FairnessPreset {
  if (own !== undefined && own.preset !== "plan") return own.preset;
  return plan === undefined ? "off" : (plan.fairness ?? "balanced");
}

/** What is wrong with a setting; undefined where nothing is. */
export function settingFault({
  preset,
  reserve,
  reach,
}: Omit<FairnessSetting, "chosenBy">):
  | { readonly field: string; readonly reason: string }
  | undefined {
  if (preset === "off" && reserve !== undefined)
    return { field: "fairness.reserve", reason: ofNothing("reserve") };
  if (preset === "off" && reach !== undefined)
    return { field: "fairness.reach", reason: ofNothing("reach") };
  if (reserve !== undefined && !isWithin(reserve, whole))
    return { field: "fairness.reserve", reason: "The reserve is 0 to 1000 thousandths." };
  if (reach !== undefined && !isWithin(reach, reachMax))
    return { field: "fairness.reach", reason: "The reach is 0 to 100000 thousandths." };
  return undefined;
}

const ofNothing = (knob: string): string =>
  `Under "off" the pool is not shared, so there is no ${knob} to set. Leave ${knob} out, or take another preset.`;

const isWithin = (value: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= most;
