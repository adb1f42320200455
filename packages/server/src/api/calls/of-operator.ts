import type { StoredKey } from "../../identity/index.ts";
import { type Refusal, refuse } from "../problems/problem.ts";

/** What is the vendor's as a whole is not shown to the key of one workspace. `what`: such as `the catalog takes`. */
export const ofOperator = ({ prefix, workspace }: StoredKey, what: string): Refusal =>
  refuse(
    "forbidden",
    `The key ${prefix}… opens workspace ${workspace} alone; ${what} a key without a workspace.`,
  );
