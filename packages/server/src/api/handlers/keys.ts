import { type ApiKey, type ApiKeyPage, limits, printInstant } from "@cistern/contract";
import type { StoredKey } from "../../identity/index.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import type { ApiParts } from "../parts.ts";
import { invalid, keyReused, refuse, unknownWorkspace } from "../problems/problem.ts";

/** API keys. A key that is bound to a workspace sees and makes only keys that are bound to the same. */
export function keyHandlers(parts: ApiParts): HandlersOf<"createKey" | "listKeys" | "revokeKey"> {
  const { engine, keys } = parts;
  return {
    async createKey({ body, key, caller }) {
      const { name, scopes, workspace, member } = body;
      if (member !== undefined && (workspace === undefined || scopes.join(" ") !== "gateway:use"))
        return invalid([
          {
            pointer: "/member",
            detail:
              'binds a key that only uses the gateway: name its workspace, and no scope but "gateway:use"',
          },
        ]);
      const bound = caller?.workspace;
      if (bound !== undefined && workspace === undefined)
        return refuse(
          "forbidden",
          `The key ${caller?.prefix ?? ""}… opens workspace ${bound} alone; it makes keys for that workspace. Name it in "workspace".`,
        );
      if (bound !== undefined && workspace !== bound) return unknownWorkspace(workspace ?? "");
      if (workspace !== undefined) {
        const known = await ask(engine, workspace, () => true);
        if (known.kind === "refused") return known;
      }
      const opId = key.opId ?? "";
      const made = await keys.make({
        name,
        scopes,
        workspace,
        member,
        opId,
        fingerprint: key.fingerprint ?? "",
      });
      switch (made.kind) {
        case "made":
          return {
            kind: "done",
            status: 201,
            body: { ...keyBody(made.key), key: made.secret },
          };
        case "replayed":
          return { kind: "done", status: 201, body: keyBody(made.key), isReplayed: true };
        case "key_reused":
          return keyReused(opId);
      }
    },

    async listKeys({ query, caller }) {
      const { limit = limits.pageRowsDefault, cursor: after = "" } = query;
      const rows = await keys.list({ after, limit: limit + 1, workspace: caller?.workspace });
      const data = rows.slice(0, limit).map(keyBody);
      const last = data.at(-1);
      const page: ApiKeyPage =
        rows.length > limit && last !== undefined ? { data, nextCursor: last.id } : { data };
      return { kind: "done", status: 200, body: page };
    },

    async revokeKey({ params: { key: id }, caller }) {
      const revoked = await keys.revoke(id, caller?.workspace);
      if (revoked === undefined) return refuse("unknown_key", `There is no API key ${id}.`);
      return { kind: "done", status: 200, body: keyBody(revoked) };
    },
  };
}

function keyBody(key: StoredKey): ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    ...(key.workspace === undefined ? {} : { workspace: key.workspace }),
    ...(key.member === undefined ? {} : { member: key.member }),
    createdAt: printInstant(key.createdAt),
    ...(key.revokedAt === undefined ? {} : { revokedAt: printInstant(key.revokedAt) }),
  };
}
