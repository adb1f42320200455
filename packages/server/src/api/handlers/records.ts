import type { LedgerEntry, UsageRow } from "@cistern/contract";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";

/** Rows of usage and of the ledger, from the projections. */
export function recordHandlers({
  engine,
  records,
}: ApiParts): HandlersOf<"listUsage" | "listLedger"> {
  return {
    async listUsage({ params: { workspace }, query, caller }) {
      const known = await ask(engine, workspace, () => true);
      if (known.kind === "refused") return known;
      const { rows, nextCursor } = await records.usage(workspace, query);
      return {
        kind: "done",
        status: 200,
        body: {
          data: caller?.workspace === undefined ? rows : rows.map(withoutCost),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },

    async listLedger({ params: { workspace }, query, caller }) {
      const known = await ask(engine, workspace, () => true);
      if (known.kind === "refused") return known;
      const { rows, nextCursor } = await records.ledger(workspace, query);
      return {
        kind: "done",
        status: 200,
        body: {
          data: caller?.workspace === undefined ? rows : rows.flatMap(withoutCosts),
          ...(nextCursor === undefined ? {} : { nextCursor }),
        },
      };
    },
  };
}

/** What a call cost the vendor is no business of its customer, who has the keys that are bound to a workspace. */
const withoutCost = ({ cost: _cost, ...row }: UsageRow): UsageRow => row;

/** An entry that posts nothing else is none to the customer. */
function withoutCosts(entry: LedgerEntry): readonly LedgerEntry[] {
  const postings = entry.postings.filter(({ account }) => !ofCosts.has(account));
  return postings.length === 0 ? [] : [{ ...entry, postings }];
}

const ofCosts: ReadonlySet<string> = new Set(["ModelCost", "AccruedProvider"]);
