import {
  type Append,
  type AppendOutcome,
  type JournalStore,
  StoreFault,
} from "../../src/journal/index.ts";

/**
 * What happens to one call of `append`: `through` as ever; `lost` never reaches the store, and says so or not; `deaf` takes
 * effect, and the answer is lost.
 */
export type Trouble = "through" | "refused" | "lost" | "deaf";

/** A store on which trouble can be ordered, call by call of `append`. */
export interface TroubledStore extends JournalStore {
  /** Trouble of the next calls, in order; then all goes through. */
  readonly troubles: Trouble[];
  /** Every append that was sent, call by call. */
  readonly sent: (readonly Append[])[];
  /** Holds every append back until `release` is called. */
  hold(): void;
  release(): void;
}

/** Puts trouble between an engine and a store. */
export function troubledStore(store: JournalStore): TroubledStore {
  const troubles: Trouble[] = [];
  const sent: (readonly Append[])[] = [];
  let gate: Promise<void> | undefined;
  let open = (): void => {};
  return {
    ...store,
    sharesStatements: store.sharesStatements,
    troubles,
    sent,
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release() {
      gate = undefined;
      open();
    },
    async append(appends): Promise<readonly AppendOutcome[]> {
      sent.push(appends);
      await gate;
      const trouble = troubles.shift() ?? "through";
      switch (trouble) {
        case "through":
          return store.append(appends);
        case "refused":
          throw fault("none");
        case "lost":
          throw fault("unknown");
        case "deaf":
          await store.append(appends);
          throw fault("unknown");
      }
    },
  };
}

function fault(outcome: "none" | "unknown"): StoreFault {
  return new StoreFault("The connection broke.", {
    code: "unavailable",
    isRetryable: true,
    outcome,
  });
}
