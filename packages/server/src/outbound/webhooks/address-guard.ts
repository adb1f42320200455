/**
 * Owns which addresses may be called. Whoever may set an endpoint must not reach what stands behind this machine's firewall.
 *
 * S1 only an address of the public internet is called: for IPv4 what no registry keeps for something else, for IPv6 within 2000::/3 and nothing that
 * carries an IPv4 address (mapped, translated, 6to4, Teredo). S2 a name is resolved when a connection is made; if one of its addresses is refused, all are; the
 * connection goes to an address that was looked at, and nobody resolves again. S3 loopback, and plain http, need the development flag.
 */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Resolves a name to all of its addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What may be called. */
export interface AddressRules {
  /** For development: this machine, and plain http. */
  readonly allowsLoopback: boolean;
}

/** An address that is not called; the message says why. */
class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/** Why an address may not be called; undefined: it may. S1. */
export function refusedAddress(text: string, { allowsLoopback }: AddressRules): string | undefined {
  if (!ipaddr.isValid(text)) return `${text} is no address.`;
  const address = ipaddr.parse(text);
  const range = address.range();
  if (range === "loopback" && allowsLoopback) return undefined;
  const isPublic =
    range === "unicast" && (address instanceof ipaddr.IPv4 || address.match(globalUnicast));
  return isPublic
    ? undefined
    : `${text} is ${range === "unicast" ? "reserved" : range}: it is not called.`;
}

const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** The address of an endpoint, or why it is none. A host that is a name is looked at when it is called. */
export function readEndpointUrl(text: string, rules: AddressRules): URL | string {
  if (!URL.canParse(text)) return "is no URL.";
  const url = new URL(text);
  const { protocol, username, password, hash } = url;
  if (protocol !== "https:" && !(protocol === "http:" && rules.allowsLoopback))
    return "must begin with https://.";
  if (username !== "" || password !== "") return "must not carry a user name or password.";
  if (hash !== "") return "must not carry a fragment.";
  const literal = literalOf(url);
  const refused = literal === undefined ? undefined : refusedAddress(literal, rules);
  return refused ?? url;
}

/** The host where it is an address: URLs turn decimal, octal and hexadecimal forms into the usual one. */
function literalOf({ hostname }: URL): string | undefined {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/** The `lookup` of a request. S2. */
export function guardedLookup(resolve: Resolve, rules: AddressRules): LookupFunction {
  const look = async (...[hostname, options, callBack]: Parameters<LookupFunction>) => {
    try {
      const addresses = await resolve(hostname);
      const [first] = addresses;
      if (first === undefined) throw new AddressRefused(`${hostname} has no address.`);
      for (const { address } of addresses) {
        const refused = refusedAddress(address, rules);
        if (refused !== undefined)
          throw new AddressRefused(`${hostname} has an address that is not called: ${refused}`);
      }
      if (options.all === true) callBack(null, [...addresses]);
      else callBack(null, first.address, first.family);
    } catch (error) {
      callBack(error instanceof Error ? error : new Error(String(error)), "");
    }
  };
  return (...asked) => void look(...asked);
}
