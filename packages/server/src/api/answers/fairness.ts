/** Owns how facts of sharing a pool are told. */
import { printCredits, printInstant } from "@cistern/contract";
import type { MemberTerms, ReserveGifted, SharingOpened } from "@cistern/kernel";

/** A period over which the pool is shared. */
export const sharingBody = ({ start, end, ticks, reserve, reach }: SharingOpened) => ({
  start: printInstant(start),
  end: printInstant(end),
  ticks,
  reserve,
  reach,
});

/** Reserved credits that were given away. */
export const giftBody = ({ gift, from, to, credits }: ReserveGifted) => ({
  id: gift,
  from,
  to,
  credits: printCredits(credits),
});

/** What an owner said of one member. */
export const memberTermsBody = ({ member, guarantee, reach }: MemberTerms) => ({
  member,
  guarantee: printCredits(guarantee),
  reach,
});
