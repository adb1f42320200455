/** What an operator is told of what leaves. `code` is stable. */
export interface OutboundLogEntry {
  readonly level: "info" | "warn" | "error";
  readonly code:
    | "outbound_failing"
    | "outbound_place_lost"
    | "outbound_fault"
    | "webhook_disabled"
    | "webhook_locked"
    | "webhooks_unread";
  readonly message: string;
  readonly consumer: string;
  readonly workspaceId?: string;
  readonly cause?: unknown;
}
