/** Owns whether an event is what was asked of credits and their money: granted, bought, taken or given back. */
import type { Command, Event } from "@cistern/kernel";
import { textOf } from "../history/text-of.ts";
import { isWithin } from "./is-within.ts";

/** Granted or revoked. */
export function carriesOutGrant(
  event: Event,
  command: Extract<Command, { kind: "grant" | "revoke" }>,
): boolean {
  if (command.kind === "revoke")
    return (
      event.kind === "credits.revoked" &&
      event.lot === command.grant &&
      event.isWhole === (command.credits === null) &&
      (command.credits === null || event.credits + event.owed === command.credits)
    );
  if (event.kind !== "credits.granted") return false;
  const { lot, at } = event;
  const effectiveAt = command.effectiveAt ?? at;
  return (
    lot.id === command.grant &&
    lot.granted === command.credits &&
    lot.cost + (event.bonus?.cost ?? 0n) === command.cost &&
    event.bonus?.granted === command.bonus?.credits &&
    textOf(event.payment ?? null) === textOf(command.payment ?? null) &&
    (lot.finance?.breakage ?? undefined) === command.breakage &&
    (lot.finance?.escheats ?? false) === (command.escheats ?? false) &&
    lot.source === command.source &&
    lot.priority === command.priority &&
    lot.expiresAt === command.expiresAt &&
    lot.grantedAt === at &&
    lot.effectiveAt === effectiveAt &&
    lot.phase === (effectiveAt > at ? "pending" : "live") &&
    textOf(lot.appliesTo) === textOf(command.appliesTo)
  );
}

/** Bought, or how it is bought by itself. */
export function carriesOutTopUp(
  event: Event,
  command: Extract<Command, { kind: "requestTopUp" | "resolveTopUp" | "putTopUpRule" }>,
): boolean {
  if (command.kind === "putTopUpRule") {
    const { isEnabled, pack, threshold, target, monthlyCeiling } = command;
    return (
      event.kind === "top_up.rule_updated" &&
      isWithin({ isEnabled, pack, threshold, target, monthlyCeiling }, event.rule)
    );
  }
  if (!("topUp" in event) || typeof event.topUp === "string") return false;
  const { topUp } = event;
  if (topUp.id !== command.topUp) return false;
  if (command.kind === "requestTopUp")
    return (
      event.kind === "top_up.requested" &&
      topUp.quantity === command.quantity &&
      textOf(topUp.pack) === textOf(command.pack)
    );
  const { outcome, payment } = command;
  if (payment !== null && topUp.payment !== payment) return false;
  return topUp.status === (outcome.kind === "declined" ? "failed" : outcome.kind);
}

/** Money of lots: given back, taken by a bank or the state, expected to break. */
export function carriesOutMoney(
  event: Event,
  command: Extract<Command, { kind: "repay" | "chargeBack" | "escheat" | "reviseBreakage" }>,
): boolean {
  switch (command.kind) {
    case "repay":
      return (
        event.kind === "credits.repaid" &&
        event.lot === command.grant &&
        event.goodwill === (command.goodwill ?? 0n) &&
        (command.credits === null || event.credits === command.credits)
      );
    case "chargeBack":
      return (
        event.kind === "credits.charged_back" &&
        // Told again, it takes what has moved on from the grant since.
        event.lots.some(
          ({ lot, left }) => lot === command.grant || left.finance?.origin === command.grant,
        ) &&
        event.fee === command.fee
      );
    case "escheat":
      return event.kind === "credits.escheated" && event.lot === command.grant;
    case "reviseBreakage":
      return (
        event.kind === "breakage.revised" &&
        event.lot === command.grant &&
        event.breakage === command.breakage
      );
  }
}
