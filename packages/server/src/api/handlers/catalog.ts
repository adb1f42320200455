import {
  type Catalog,
  type CatalogPushed,
  type CatalogVersion,
  type CatalogVersionPage,
  limits,
  printInstant,
} from "@cistern/contract";
import type { HandlersOf } from "../calls/call.ts";
import { ofOperator } from "../calls/of-operator.ts";
import { readInstant } from "../calls/read-field.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";
import { invalid, refuse } from "../problems/problem.ts";

type Pushed = ReturnType<ApiParts["catalog"]["versions"]>[number];

/** The catalog that is in force, was, and will be. It is the operator's: a key of one workspace does not open it. */
export function catalogHandlers(
  parts: ApiParts,
): HandlersOf<"listCatalogVersions" | "getCatalogVersion" | "pushCatalog"> {
  const versions = (): (readonly [CatalogVersion, Pushed])[] => {
    const all = parts.catalog.versions();
    const now = parts.catalog.now();
    const inForce = all.find(({ effectiveAtMs }) => effectiveAtMs <= now)?.version ?? 0;
    return all.map((one) => [versionBody(one, inForce), one]);
  };
  return {
    listCatalogVersions({ query, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the catalog takes");
      const { limit = limits.pageRowsDefault, cursor } = query;
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : versionOf(cursor);
      const rows = versions().flatMap(([body]) => (body.version < before ? [body] : []));
      const data = rows.slice(0, limit);
      const last = data.at(-1);
      const page: CatalogVersionPage =
        rows.length > limit && last !== undefined
          ? { data, nextCursor: String(last.version) }
          : { data };
      return { kind: "done", status: 200, body: page };
    },

    async pushCatalog({ body, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the catalog takes");
      const effectiveAt = readInstant("/effectiveAt", body.effectiveAt) ?? undefined;
      const pushed = await parts.catalog.push(body.content, effectiveAt);
      if (pushed.kind === "faulty")
        return invalid(
          pushed.problems.map(({ path, message }) => ({
            pointer: `/content${path}`,
            detail: message,
          })),
        );
      const { version, hash, effectiveAtMs, isSame } = pushed;
      const answer: CatalogPushed = {
        version,
        hash,
        effectiveAt: printInstant(effectiveAtMs),
        status: effectiveAtMs <= parts.catalog.now() ? "in_force" : "upcoming",
        ...(isSame ? { unchanged: true } : {}),
      };
      return { kind: "done", status: 200, body: answer };
    },

    getCatalogVersion({ params: { version: wanted }, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the catalog takes");
      const found = versions().find(([{ version, status }]) =>
        wanted === "current" ? status === "in_force" : String(version) === wanted,
      );
      if (found === undefined)
        return refuse(
          "unknown_catalog_version",
          wanted === "current"
            ? "No version of the catalog is in force; calls are priced by the card that the server was started with."
            : `There is no version ${wanted} of the catalog.`,
        );
      const [body, { content, credits }] = found;
      const catalog: Catalog = { ...body, content: JSON.parse(content), credits };
      return { kind: "done", status: 200, body: catalog };
    },
  };
}

function versionOf(cursor: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(cursor)) return Number(cursor);
  throw new InvalidField("/cursor", "is no `nextCursor` of a page of this list");
}

/** Versions take effect in their order. */
function versionBody({ version, hash, effectiveAtMs }: Pushed, inForce: number): CatalogVersion {
  const other = version < inForce ? "past" : "upcoming";
  return {
    version,
    hash,
    effectiveAt: printInstant(effectiveAtMs),
    status: version === inForce ? "in_force" : other,
  };
}
