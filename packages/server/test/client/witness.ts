import assert from "node:assert/strict";
import type { FetchRequest, FetchResponse } from "@cistern/client";
import { type OperationName, type Route, routes } from "@cistern/contract";
import { Compile } from "typebox/compile";

/** Sees what the client sends to a real server, and that what comes back fits the contract. */
export class Witness {
  /** Routes that answered as their contract says, and not with a problem. */
  readonly answered = new Set<OperationName>();

  readonly fetch = async (url: string, request: FetchRequest): Promise<FetchResponse> => {
    const response = await fetch(url, request);
    const { pathname } = new URL(url);
    const name = operationOf(request.method, pathname);
    assert.ok(name !== undefined, `${request.method} ${pathname} is no route.`);
    await this.#look(name, response.clone());
    return response;
  };

  async #look(name: OperationName, response: Response): Promise<void> {
    const route: Route = routes[name];
    const schema = route.responses[response.status];
    if (schema === undefined) return;
    const type = response.headers.get("content-type") ?? "";
    if (type.startsWith("application/json")) {
      const body: unknown = await response.json();
      const [fault] = Compile(schema).Errors(body);
      assert.deepEqual(fault, undefined, `${name}: ${JSON.stringify(body)}`);
    }
    this.answered.add(name);
  }
}

/** The names of all routes. */
export const names: readonly OperationName[] = Object.keys(routes).filter(
  (name): name is OperationName => Object.hasOwn(routes, name),
);

/** The route of a call; one without parameters goes before one that takes its last part for one. */
function operationOf(method: string, path: string): OperationName | undefined {
  const sent = path.split("/");
  return names.find((name) => {
    const own = routes[name].path.split("/");
    return (
      routes[name].method === method &&
      own.length === sent.length &&
      own.every((part, index) => part.startsWith("{") || part === sent[index])
    );
  });
}
