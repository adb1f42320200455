/** Owns what an endpoint is, and which events it wants. */

/** An endpoint as it is kept. */
export interface Endpoint {
  readonly id: string;
  /** Names its places; another one for an endpoint that is made again under its id. */
  readonly consumer: string;
  /** The workspace whose key made it. */
  readonly boundTo: string | undefined;
  readonly url: string;
  /** Types, or `noun.*`; undefined: all. */
  readonly types: readonly string[] | undefined;
  readonly workspaces: readonly string[] | undefined;
  readonly description: string | undefined;
  /** undefined: it is sealed by a key that this node does not have. */
  readonly secret: string | undefined;
  /** Newest first; those that this node can open. */
  readonly oldSecrets: readonly OldSecret[];
  /** As they stand in the database. */
  readonly kept: { readonly secret: string; readonly oldSecrets: readonly OldSecret[] };
  /** The key of the call that rotated it last; empty: none did. */
  readonly rotatedBy: string;
  readonly createdAtMs: number;
  readonly disabled: { readonly atMs: number; readonly reason: string } | undefined;
}

/** A secret that signs too, for a while. */
export interface OldSecret {
  readonly secret: string;
  readonly untilMs: number;
}

/** Secrets that sign at an instant; undefined: the newest is not known here. */
export function secretsAt(
  { secret, oldSecrets }: Endpoint,
  ms: number,
): readonly string[] | undefined {
  if (secret === undefined) return undefined;
  return [secret, ...oldSecrets.filter(({ untilMs }) => untilMs > ms).map((old) => old.secret)];
}

/** Whether an event of a type is sent to it. */
export const wantsType = ({ types }: Pick<Endpoint, "types">, type: string): boolean =>
  types === undefined ||
  types.some((one) => one === type || (one.endsWith(".*") && type.startsWith(one.slice(0, -1))));
