import type { Command, Event } from "@cistern/kernel";

/** Whether an event is what was asked, or answered, of a request for more. */
export function carriesOutRequest(
  event: Event,
  command: Extract<Command, { kind: "requestCredits" | "approveRequest" | "declineRequest" }>,
): boolean {
  if (!("request" in event)) return false;
  const { request } = event;
  const { end } = request;
  switch (command.kind) {
    case "requestCredits":
      return (
        event.kind === "credit_request.created" &&
        request.member === command.member &&
        request.limit === command.limit &&
        request.credits === command.credits &&
        request.expiresAt === event.at + command.ttlMs
      );
    case "approveRequest":
      return (
        event.kind === "credit_request.approved" &&
        request.id === command.request &&
        end?.kind === "approved" &&
        end.by === command.by &&
        end.approval.as === command.as &&
        (end.approval.as !== "gift" || end.approval.from === (command.from ?? command.by)) &&
        (command.credits === null
          ? end.approval.credits >= request.credits
          : end.approval.credits === command.credits)
      );
    case "declineRequest":
      return (
        event.kind === "credit_request.declined" &&
        request.id === command.request &&
        end?.kind === "declined" &&
        end.by === command.by
      );
  }
}
