import type { CloudEvent, EventOf } from "@cistern/contract";

/** The nth event of a workspace, as the feed tells it. */
export const toldEvent = (n: number, workspaceId = "acme"): EventOf<"hold.settled"> => ({
  specversion: "1.0",
  id: `${workspaceId}:${n}.0:1f3a90bc`,
  source: `/workspaces/${workspaceId}`,
  type: "hold.settled",
  subject: `hld_${n}`,
  time: "2026-11-28T12:00:00Z",
  datacontenttype: "application/json",
  data: {
    id: `hld_${n}`,
    status: "settled",
    member: "ana",
    charged: "60",
    returned: "15",
    lots: [],
    attributes: { note: "ü".repeat(n % 7) },
    balance: { available: "440", held: "0" },
  },
});

/** The same with so many characters more. */
export const largeEvent = (n: number, size: number): EventOf<"hold.settled"> => {
  const event = toldEvent(n);
  return { ...event, data: { ...event.data, attributes: { note: "x".repeat(size) } } };
};

/** From the first to the last, both included. */
export const toldEvents = (
  first: number,
  last: number,
  workspaceId?: string,
): readonly CloudEvent[] =>
  Array.from({ length: last - first + 1 }, (_, i) => toldEvent(first + i, workspaceId));
