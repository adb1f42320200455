/** Owns the bugs between the watch over workspaces and the engine that it raises alerts on. */
import type { Engine } from "cistern/engine";
import type { PlantedBug } from "./planted-bug.ts";

type Raising = Pick<Engine, "execute" | "read">;

/** The engine with such a bug, or as it is. */
export function plantInWatch(engine: Raising, bug: PlantedBug | undefined): Raising {
  switch (bug) {
    case "toldTwice":
      return {
        ...engine,
        execute: (request) => {
          const { command, opId } = request;
          if (command.kind !== "raiseAlert" || opId === null) return engine.execute(request);
          const crossing = `${command.crossing}:${command.alert}`;
          return engine.execute({
            ...request,
            command: { ...command, crossing },
            opId: `${opId}:${command.alert}`,
          });
        },
      };
    case "toldOnceForEver":
      return {
        ...engine,
        execute: (request) => {
          const { command, opId } = request;
          if (command.kind !== "raiseAlert" || opId === null) return engine.execute(request);
          const { rule, finding } = command;
          if (finding.kind !== "threshold") return engine.execute(request);
          const crossing = `${rule}:${finding.limit}:${finding.percent}`;
          return engine.execute({
            ...request,
            command: { ...command, crossing },
            opId: `watch:${crossing}`,
            fingerprint: crossing,
          });
        },
      };
    default:
      return engine;
  }
}
