/** Owns the workspaces of a storm: what they are granted and allowed, and how they are spent from. */
import type { Operation } from "./operation.ts";

/** One workspace under load. */
export interface House {
  readonly id: string;
  /** Bounds of one hold, in credits. */
  readonly least: number;
  readonly most: number;
  /** What is granted when a spender finds the pool empty, and how often one cares, in hundredths. */
  readonly topUp: number;
  readonly topUpPercent: number;
  /** Its share of the spenders. */
  readonly share: number;
  /** How it is made, in order. */
  readonly setUp: readonly Operation[];
}

/** The workspaces of every storm: one hot pool that runs out again and again, and three of other kinds. */
export const houses: readonly House[] = [
  house({ id: "hot", least: 20, most: 90, topUp: 4_000, topUpPercent: 2, share: 4 }, [2_000]),
  house(
    { id: "plenty", least: 1, most: 40, topUp: 1_000, topUpPercent: 0, share: 2 },
    [40_000_000, 40_000_000, 20_000_000],
  ),
  house(
    { id: "owing", least: 5, most: 60, topUp: 3_000, topUpPercent: 5, share: 1 },
    [1_000],
    "800",
  ),
  house(
    { id: "capped", least: 1, most: 30, topUp: 1_000, topUpPercent: 0, share: 1 },
    [50_000_000],
    undefined,
    "400",
  ),
];

function house(
  kind: Omit<House, "setUp">,
  grants: readonly number[],
  debtLimit?: string,
  capOfEach?: string,
): House {
  const { id } = kind;
  const fresh = (what: string) => ({ workspace: id, key: `${id}-${what}` });
  return {
    ...kind,
    setUp: [
      {
        kind: "createWorkspace",
        request: {
          id,
          currency: "EUR",
          guestsMax: 1_000,
          overage: debtLimit === undefined ? { kind: "deny" } : { kind: "debt", limit: debtLimit },
        },
        ...fresh("creation"),
      },
      ...grants.map((credits, index): Operation => ({
        kind: "grant",
        request: {
          credits: String(credits),
          source: "purchase",
          cost: { amount: String(credits), currency: "EUR" },
          priority: 60 - index * 10,
        },
        ...fresh(`grant-${index}`),
      })),
      ...(capOfEach === undefined
        ? []
        : [
            {
              kind: "putLimit",
              limit: "each-of-them",
              request: {
                scope: { kind: "eachMember" },
                cap: { credits: capOfEach, window: { onFirstUse: "PT20S" } },
              },
              ...fresh("limit"),
            } satisfies Operation,
          ]),
    ],
  };
}
