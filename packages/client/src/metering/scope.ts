import type { Attributes } from "@cistern/contract";

/** Whose call it is: who pays, who spends, and what the usage is reported by. */
export interface CallScope {
  readonly workspace: string;
  readonly member: string;
  /** The run that the call counts in. */
  readonly run?: string;
  readonly project?: string;
  readonly attributes?: Attributes;
}

/** Known when the collector is made, or asked for at each call, such as from the request that is being served. */
export type ScopeSource = CallScope | (() => CallScope);

/** The scope of this call. */
export function scopeNow(source: ScopeSource): CallScope {
  return typeof source === "function" ? source() : source;
}
