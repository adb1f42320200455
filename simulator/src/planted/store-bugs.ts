/** Owns the bugs that sit between an engine and its store. */
import { StoreFault, hashRow } from "cistern/journal";
import type { Append, AppendOutcome, Head, JournalRow, JournalStore } from "cistern/journal";
import type { PlantedBug } from "./planted-bug.ts";

/** The store with a bug, or as it is. `newId` names what a bug appends. */
export function plantInStore(
  store: JournalStore,
  bug: PlantedBug | undefined,
  newId: () => string,
): JournalStore {
  switch (bug) {
    case "answerBeforeDurable":
      return answersFirst(store);
    case "noCurrencyProof":
      return provesNothing(store);
    case "retryWithoutBatchId":
      return appendsAgain(store, newId);
    case "lostReplyTakenForFailure":
      return calledFailure(store);
    default:
      return store;
  }
}

function answersFirst(store: JournalStore): JournalStore {
  const ignore = (): void => undefined;
  return {
    ...store,
    append: async (appends) => {
      store.append(appends).then(ignore, ignore);
      return appends.map(() => ({ kind: "appended", seen: [] }));
    },
  };
}

function provesNothing(store: JournalStore): JournalStore {
  const heads = new Map<string, Head>();
  const see = (workspaceId: string, row: JournalRow | undefined): void => {
    if (row !== undefined) heads.set(workspaceId, { seq: row.seq, hash: row.hash });
  };
  return {
    ...store,
    append: async (appends) => {
      const outcomes = await store.append(appends);
      for (const [index, { row }] of appends.entries())
        if (outcomes[index]?.kind === "appended") see(row.workspaceId, row);
      return outcomes;
    },
    readRows: async (workspaceId, afterSeq, limit) => {
      const rows = await store.readRows(workspaceId, afterSeq, limit);
      see(workspaceId, rows.at(-1));
      return rows;
    },
    readCold: async (workspaceId, limit) => {
      const cold = await store.readCold(workspaceId, limit);
      heads.set(workspaceId, cold.head);
      return cold;
    },
    readHead: async (workspaceId, opIds) => {
      const { head, ops } = await store.readHead(workspaceId, opIds);
      return { head: heads.get(workspaceId) ?? head, ops };
    },
  };
}

function appendsAgain(store: JournalStore, newId: () => string): JournalStore {
  const appendOne = async (append: Append): Promise<AppendOutcome> => {
    try {
      const [outcome] = await store.append([append]);
      return outcome ?? { kind: "fenced" };
    } catch (error) {
      if (!(error instanceof StoreFault) || error.outcome === "none") throw error;
      const { head } = await store.readHead(append.row.workspaceId, []);
      const rebased = { ...append.row, batchId: newId(), seq: head.seq + 1, prevHash: head.hash };
      const row = { ...rebased, hash: hashRow(rebased) };
      // The keys are known by now, so that only a row without them goes through.
      return appendOne({ ...append, expected: head, row, ops: [] });
    }
  };
  return { ...store, append: (appends) => Promise.all(appends.map(appendOne)) };
}

function calledFailure(store: JournalStore): JournalStore {
  return {
    ...store,
    append: async (appends) => {
      try {
        return await store.append(appends);
      } catch (error) {
        if (!(error instanceof StoreFault)) throw error;
        const { code, isRetryable, message } = error;
        throw new StoreFault(message, { code, isRetryable, outcome: "none", cause: error });
      }
    },
  };
}
