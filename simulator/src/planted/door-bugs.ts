import type { Engine } from "cistern/engine";
import type { PlantedBug } from "./planted-bug.ts";

const anyBody = "0".repeat(64);

/** The engine with a bug in front of its door, or as it is. */
export function plantBeforeEngine(engine: Engine, bug: PlantedBug | undefined): Engine {
  const asItIs: Engine = {
    execute: (request) => engine.execute(request),
    read: (workspaceId, question) => engine.read(workspaceId, question),
    quote: (workspaceId, command) => engine.quote(workspaceId, command),
    hold: (workspaceId, holdId) => engine.hold(workspaceId, holdId),
    readAt: (workspaceId, at, question) => engine.readAt(workspaceId, at, question),
    events: (workspaceId, after, limit) => engine.events(workspaceId, after, limit),
    start: () => engine.start(),
    stop: () => engine.stop(),
    stats: () => engine.stats(),
  };
  switch (bug) {
    case "keyWithoutFingerprint":
      return {
        ...asItIs,
        execute: (request) =>
          engine.execute(request.opId === null ? request : { ...request, fingerprint: anyBody }),
      };
    case "cursorWithoutHash":
      return {
        ...asItIs,
        events: (workspaceId, { seq, index }, limit) =>
          engine.events(workspaceId, { seq, index }, limit),
      };
    default:
      return asItIs;
  }
}
