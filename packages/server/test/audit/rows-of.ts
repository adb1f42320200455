import type { Event } from "@cistern/kernel";
import {
  type JournalRow,
  codecVersion,
  encodeEvents,
  genesisHash,
  hashRow,
} from "../../src/journal/index.ts";

/** A valid chain, one event a row. */
export function rowsOf(events: readonly Event[], workspaceId = "acme"): readonly JournalRow[] {
  let prevHash = genesisHash;
  return events.map((event, index) => {
    const unhashed = {
      workspaceId,
      seq: index + 1,
      batchId: `b${index}`,
      prevHash,
      atMs: event.at,
      writer: "test",
      codec: codecVersion,
      events: encodeEvents([event]),
    };
    const row = { ...unhashed, hash: hashRow(unhashed) };
    prevHash = row.hash;
    return row;
  });
}
