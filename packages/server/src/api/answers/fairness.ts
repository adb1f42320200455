/** Owns how the sharing of a pool is told. */
import {
  type DeniedByReason,
  type DrawnShares,
  type FairnessChosen,
  type FairnessStanding,
  type Gift,
  type GroupShare,
  type GroupTerms,
  type MemberShare,
  type MemberTerms,
  printCredits,
  printInstant,
} from "@cistern/contract";
import {
  type Drawn,
  type FairnessSetting,
  type GroupShare as KernelGroupShare,
  type GroupTerms as KernelGroupTerms,
  type MemberShare as KernelMemberShare,
  type MemberTerms as KernelMemberTerms,
  type Plan,
  type Position,
  type ReserveGifted,
  type SharingOpened,
  knobsInForce,
  presetInForce,
} from "@cistern/kernel";
import { fairnessBody } from "./workspace.ts";

/** A period over which the pool is shared. */
export const sharingBody = ({ start, end, ticks, reserve, reach }: SharingOpened) => ({
  start: printInstant(start),
  end: printInstant(end),
  ticks,
  reserve,
  reach,
});

/** Reserved credits that were given away. */
export const giftBody = ({ gift, from, to, credits }: ReserveGifted, at: Position): Gift => ({
  id: gift,
  from,
  to,
  credits: printCredits(credits),
  at,
});

/** What an owner said of one member. */
export const memberTermsBody = (
  { member, guarantee, reach }: KernelMemberTerms,
  at: Position,
): MemberTerms => ({ member, guarantee: printCredits(guarantee), reach, at });

/** What an owner said of one group. */
export const groupTermsBody = (
  { group, guarantee }: KernelGroupTerms,
  at: Position,
): GroupTerms => ({ group, guarantee: printCredits(guarantee), at });

/** What a call drew; left out where the pool is not shared. */
export function drawnPart(drawn: Drawn | undefined): { readonly drawn?: DrawnShares } {
  if (drawn === undefined) return {};
  const { reserve, pots, others } = drawn;
  const fromPots = pots.reduce((sum, { credits }) => sum + credits, 0n);
  return {
    drawn: {
      reserve: printCredits(reserve),
      pot: printCredits(fromPots),
      pots: pots.map(({ node, credits }) => ({ node, credits: printCredits(credits) })),
      ...(others === undefined ? {} : { others: printCredits(others) }),
    },
  };
}

/** Where a member stands. */
export function memberShareBody(
  share: KernelMemberShare,
  denied: readonly DeniedByReason[],
): MemberShare {
  const { period, blockedBy, freesAt } = share;
  return {
    period: { start: printInstant(period.start), end: printInstant(period.end) },
    ...(share.isShared ? { shared: true } : {}),
    weight: Number(share.weight),
    guarantee: printCredits(share.guarantee),
    reach: share.reach,
    share: printCredits(share.share),
    used: printCredits(share.used),
    reserved: printCredits(share.reserved),
    faded: printCredits(share.faded),
    fromPot: printCredits(share.fromPot),
    potLeft: printCredits(share.potLeft),
    open: printCredits(share.open),
    ...(blockedBy === null ? {} : { blockedBy }),
    ...(freesAt === null ? {} : { freesAt: printInstant(freesAt) }),
    denied,
    ...(share.group === null ? {} : { group: groupShareBody(share.group) }),
  };
}

const groupShareBody = ({ group, ...amounts }: KernelGroupShare): GroupShare => ({
  group,
  guarantee: printCredits(amounts.guarantee),
  share: printCredits(amounts.share),
  used: printCredits(amounts.used),
  reserved: printCredits(amounts.reserved),
  pot: printCredits(amounts.pot),
});

/** How a pool is shared, by its own setting or its plan's. */
export function standingBody(
  setting: FairnessSetting | undefined,
  plan: Pick<Plan, "fairness"> | undefined,
  at: Position,
): FairnessStanding {
  return {
    setting: fairnessBody(setting),
    inForce: presetInForce(setting, plan),
    ...knobsInForce(setting, plan),
    ...(setting?.chosenBy === undefined ? {} : { chosenBy: setting.chosenBy }),
    at,
  };
}

/** A setting as an owner chose it. */
export const chosenBody = (setting: FairnessSetting | undefined, at: Position): FairnessChosen => ({
  setting: fairnessBody(setting),
  chosenBy: setting?.chosenBy ?? "",
  at,
});
