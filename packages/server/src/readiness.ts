import type { ApiParts } from "./api/index.ts";
import type { RateCards } from "./catalog/index.ts";
import type { Database } from "./database/index.ts";
import type { Engine } from "./engine/index.ts";

const readyStatementMs = 2_000;
const readySql = "SELECT 1";

/** Why the node cannot decide now. It asks the database on a connection that nothing else may keep. */
export function readiness(
  { database, engine, rateCards }: { database: Database; engine: Engine; rateCards: RateCards },
  isDraining: () => boolean,
): ApiParts["readiness"] {
  const pool = database.openPool({
    purpose: "readiness",
    connectionsMax: 1,
    statementMs: readyStatementMs,
  });
  return async () => {
    const reasons = isDraining() ? ["This node is stopping."] : [];
    if (!engine.stats().isClockRight)
      reasons.push("This node's clock is too far from the database's.");
    const stale = rateCards.fault();
    if (stale !== undefined) reasons.push(stale);
    try {
      await pool.query(readySql);
    } catch {
      reasons.push("The database does not answer.");
    }
    return reasons;
  };
}
