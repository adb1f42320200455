/** Owns how a sink is driven by the pump: as any consumer, with all events of all workspaces, from their beginning. */
import type { Consumer } from "../consumer.ts";
import { type Sink, SinkFault, reasonOf } from "./sink.ts";

const batchEventsDefault = 256;
const workspacesTogether = 16;
const deliverMsMax = 30_000;
const retryFirstMs = 250;
const retryMsMax = 60_000;

/**
 * A sink that is away is looked for ever less often, at last once a minute, for as long as it takes; then all workspaces go on.
 *
 * @example pump.put(sinkConsumer(sink));
 */
export const sinkConsumer = (sink: Sink): Consumer => ({
  name: `sink:${sink.name}`,
  sinceMs: 0,
  batchEventsMax: sink.batchEventsMax ?? batchEventsDefault,
  togetherMax: workspacesTogether,
  deliverMsMax,
  retryMs: (failures) => Math.min(retryMsMax, retryFirstMs * 2 ** (failures - 1)),
  async deliver({ events, signal }) {
    try {
      await sink.write(events, signal);
      return { kind: "delivered" };
    } catch (error) {
      const isOfEvents = error instanceof SinkFault && error.of === "events";
      return { kind: isOfEvents ? "failed" : "away", reason: reasonOf(error) };
    }
  },
});
