/** Owns what JSON says twice in one object: a parser takes the last, and whoever wrote the first one never knows. */
import { type JSONPath, visit } from "jsonc-parser";
import type { CatalogProblem } from "./catalog.ts";
import { pointerStep } from "./mend-form.ts";

/** Each name that an object says again, at its place. What is no JSON is for its parser to tell. */
export function repeatedKeys(text: string): readonly CatalogProblem[] {
  const repeated = new Set<string>();
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, _offset, _length, _line, _character, pathOf) => {
      const names = open.at(-1);
      if (names?.has(name) === true) repeated.add(pointerOf([...pathOf(), name]));
      names?.add(name);
    },
  });
  return [...repeated].map((path) => ({ path, message: "is said twice; only one of them counts" }));
}

const pointerOf = (path: JSONPath): string =>
  path.map((step) => `/${pointerStep(String(step))}`).join("");
