// Owns: a scope on its way between processes, as members of a W3C baggage header (also in `_meta.baggage` of MCP).
// G1: what is not well-formed is not taken at all: half a scope would spend for the wrong one. G2: members of others pass through unchanged.
import type { CallScope } from "./scope.ts";

/** The part of a scope that travels. */
export type CarriedScope = Partial<Pick<CallScope, "workspace" | "member" | "run" | "project">>;

const parts = ["workspace", "member", "run", "project"] as const;
const prefix = "cistern.";
const isId = (text: string): boolean => /^[A-Za-z0-9_.:@-]{1,64}$/.test(text);

/** W3C: a receiver must take as much, and need not take more. */
const bytesMax = 8_192;
const membersMax = 64;

/**
 * The value of a `baggage` header with a scope.
 *
 * @param others a header that is passed on: its other members are kept, as far as 64 members and 8,192 bytes let them
 * @example baggageOf({ workspace: "acme", member: "ana", run: "r-7" }) // cistern.workspace=acme,cistern.member=ana,cistern.run=r-7
 */
export function baggageOf(scope: CarriedScope, others = ""): string {
  const own = parts.flatMap((part) => {
    const id = scope[part];
    return id === undefined ? [] : [`${prefix}${part}=${encodeURIComponent(id)}`];
  });
  let header = own.join(",");
  let members = own.length;
  for (const member of membersOf(others)) {
    if (member.startsWith(prefix)) continue;
    const longer = header === "" ? member : `${header},${member}`;
    if (members === membersMax || longer.length > bytesMax) break;
    header = longer;
    members += 1;
  }
  return header;
}

/**
 * The scope in a `baggage` header; empty where there is none, or where a part of it is no id or stands there twice. Whoever sends the header
 * says who pays: take it from your own services only.
 */
export function scopeFromBaggage(header: string | undefined): CarriedScope {
  if (header === undefined || header.length > bytesMax) return {};
  const scope: Partial<Record<(typeof parts)[number], string>> = {};
  for (const member of membersOf(header)) {
    if (!member.startsWith(prefix)) continue;
    const [pair = ""] = member.split(";");
    const [key = "", ...value] = pair.split("=");
    const part = parts.find((name) => `${prefix}${name}` === key.trim());
    if (part === undefined) continue;
    const id = decoded(value.join("=").trim());
    if (id === undefined || !isId(id) || scope[part] !== undefined) return {};
    scope[part] = id;
  }
  return scope;
}

const membersOf = (header: string): readonly string[] =>
  header
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
