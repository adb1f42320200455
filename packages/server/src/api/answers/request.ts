import { type RequestForMore, printCredits, printInstant } from "@cistern/contract";
import type { Approval, CreditRequest, Position } from "@cistern/kernel";

/** What people wrote; it stands outside the journal. */
export interface RequestWords {
  readonly reason?: string | undefined;
  readonly note?: string | undefined;
}

/** A request for more as it is told. */
export function requestBody(
  request: CreditRequest,
  { reason, note }: RequestWords,
  at: Position,
): RequestForMore {
  const { id, member, limit, credits, createdAt, expiresAt, end } = request;
  return {
    id,
    member,
    ...(limit === null ? {} : { limit }),
    credits: printCredits(credits),
    status: end?.kind ?? "open",
    ...(reason === undefined ? {} : { reason }),
    createdAt: printInstant(createdAt),
    expiresAt: printInstant(expiresAt),
    ...(end === null ? {} : { endedAt: printInstant(end.at) }),
    ...(end === null || end.kind === "expired" ? {} : { by: end.by }),
    ...(note === undefined ? {} : { note }),
    ...(end?.kind === "approved" ? { approval: approvalBody(end.approval) } : {}),
    at,
  };
}

function approvalBody(approval: Approval): NonNullable<RequestForMore["approval"]> {
  const given = { as: approval.as, credits: printCredits(approval.credits) };
  switch (approval.as) {
    case "once":
    case "period":
      return { ...given, until: printInstant(approval.until) };
    case "limit":
      return given;
    case "gift":
      return { ...given, from: approval.from };
  }
}
