import type { Amount } from "@cistern/kernel";
import { type Choice, type Choosing, keyed } from "./choice.ts";
import { memberOf } from "./choose-rules.ts";
import { call, ttl } from "./choose-spending.ts";

/** What a caller should not ask, and is refused. */
export function mistake({ chance, number }: Choosing): Choice {
  const what = chance.weighted([
    ["model", 2],
    ["run", 1],
    ["grant", 1],
    ["hold", 1],
    ["workspace", 1],
    ["group", 1],
  ]);
  const nobody = `nobody-${number}`;
  const common = { ...call(chance), hold: "", ttlMs: ttl(chance) };
  switch (what) {
    case "model": {
      const amount: Amount = { kind: "usage", usage: { images: 1 } };
      return keyed({ ...common, kind: "openHold", meter: "image", model: nobody, amount });
    }
    case "run":
      return keyed({ ...common, kind: "openHold", run: nobody });
    case "grant":
      return keyed({ kind: "revoke", grant: nobody, credits: null });
    case "workspace":
      return keyed({ kind: "createWorkspace", workspace: { ...plainWorkspace, id: nobody } });
    case "group":
      return {
        kind: "command",
        command: { ...memberOf(chance, "ana"), groups: [nobody] },
        key: "none",
      };
    case "hold":
    case undefined:
      return keyed({ kind: "releaseHold", hold: nobody, fingerprint: null, recalled: null });
  }
}

const plainWorkspace = {
  timeZone: "UTC",
  currency: "EUR",
  overage: { kind: "deny" },
  overrun: "cap_at_hold",
  members: "open",
  guestsMax: 1,
} as const;
