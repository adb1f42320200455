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

/** Nobody said whose call it is, so it is not made: a fault of the program, which `message` explains. */
export class UnknownScope extends TypeError {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "UnknownScope";
  }
}

/** The scope of this call. */
export function scopeNow(source: ScopeSource): CallScope {
  if (typeof source !== "function") return source;
  try {
    return source();
  } catch (error) {
    throw new UnknownScope(error);
  }
}

/** Whether two calls are of the same, and reported by the same. */
export function isSameScope(one: CallScope, other: CallScope): boolean {
  const { attributes: ones = {}, ...rest } = one;
  const { attributes: others = {}, ...otherRest } = other;
  return isSame({ ...rest }, { ...otherRest }) && isSame({ ...ones }, { ...others });
}

function isSame(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}
