import { AsyncLocalStorage } from "node:async_hooks";
import type { CallScope } from "../metering/scope.ts";

const storage = new AsyncLocalStorage<Partial<CallScope>>();

/**
 * Does work in a scope: whatever it calls, and calls later, is metered for it, where the collector's scope is `scoped(…)`. Inside another
 * scope it changes only what it names.
 *
 * @example app.use((request, _response, next) => withScope({ member: request.user.id }, next));
 */
export function withScope<Result>(scope: Partial<CallScope>, work: () => Result): Result {
  return storage.run(merged(currentScope(), scope), work);
}

/** What is known of the scope here; empty outside of `withScope`. */
export function currentScope(): Partial<CallScope> {
  return storage.getStore() ?? {};
}

/**
 * The scope of a collector whose calls are made in many scopes.
 *
 * @param otherwise what counts where the work under way says nothing else, such as the one workspace of a process
 * @returns a source that throws a TypeError where nobody names a workspace and a member: such a call is not made
 * @example const credits = createCollector({ cistern, scope: scoped({ workspace: "acme" }) });
 */
export function scoped(otherwise: Partial<CallScope> = {}): () => CallScope {
  return () => {
    const scope = merged(otherwise, currentScope());
    const { workspace, member } = scope;
    if (workspace === undefined || member === undefined)
      throw new TypeError(
        `No ${workspace === undefined ? "workspace" : "member"} is known here. Make the call inside withScope({ workspace, member }, …), or name it in scoped(…).`,
      );
    return { ...scope, workspace, member };
  };
}

function merged(outer: Partial<CallScope>, inner: Partial<CallScope>): Partial<CallScope> {
  const attributes = { ...outer.attributes, ...inner.attributes };
  return {
    ...outer,
    ...inner,
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}
