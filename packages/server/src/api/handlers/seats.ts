import { printInstant } from "@cistern/contract";
import type { Event } from "@cistern/kernel";
import { seatBody, seatReleasedBody } from "../answers/seat.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask, carryOut } from "../calls/carry-out.ts";
import { pageById } from "../calls/pages.ts";
import type { ApiParts } from "../parts.ts";
import { unknownWorkspace } from "../problems/problem.ts";
import { rejectionRefusal } from "../problems/rejection-problem.ts";

/** Seats of a subscription: who has one. */
export function seatHandlers({
  engine,
}: ApiParts): HandlersOf<"listSeats" | "assignSeat" | "previewSeat" | "releaseSeat"> {
  return {
    async listSeats({ params: { workspace }, query }) {
      const answer = await ask(engine, workspace, ({ seats: { seats }, subscriptions }) => ({
        paid: subscriptions.live.row?.seats ?? 0,
        assigned: seats.size,
        page: pageById(
          seats.values().map(({ member, since }) => ({ id: member, since })),
          query,
        ),
      }));
      if (answer.kind === "refused") return answer;
      const { paid, assigned, page } = answer.value;
      const data = page.rows.map(({ id, since }) => ({ member: id, since: printInstant(since) }));
      const { nextCursor } = page;
      const next = nextCursor === undefined ? {} : { nextCursor };
      return { kind: "done", status: 200, body: { paid, assigned, data, ...next } };
    },

    async assignSeat({ params: { workspace: workspaceId, member }, key }) {
      const command = { kind: "assignSeat", member } as const;
      const answer = await carryOut(engine, assigning, { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: seatBody(event, position), isReplayed };
    },

    async previewSeat({ params: { workspace: workspaceId, member } }) {
      const answer = await engine.quote(workspaceId, { kind: "assignSeat", member });
      if (answer.kind === "unknown_workspace") return unknownWorkspace(workspaceId);
      const { value: decision, at, asOf } = answer;
      if (decision.kind === "rejected") {
        const refused = { workspaceId, decidedAt: asOf, at, asker: `The seat of ${member}` };
        return rejectionRefusal(decision.rejection, refused);
      }
      const { event } = decision;
      if (!isAssignment(event)) throw new Error(`A preview became ${event.kind}.`);
      return { kind: "done", status: 200, body: seatBody(event, at) };
    },

    async releaseSeat({ params: { workspace: workspaceId, member }, key }) {
      const command = { kind: "releaseSeat", member } as const;
      const answer = await carryOut(engine, "seat.released", { workspaceId, key, command });
      if (answer.kind === "refused") return answer;
      const { event, position, isReplayed } = answer;
      return { kind: "done", status: 200, body: seatReleasedBody(event, position), isReplayed };
    },
  };
}

const assigning = ["seat.assigned", "subscription.changed", "subscription.updated"] as const;

const isAssignment = (
  event: Event,
): event is Extract<Event, { kind: (typeof assigning)[number] }> =>
  assigning.some((kind) => kind === event.kind);
