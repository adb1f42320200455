// Owns: reading what others wrote. R1: whatever comes, nothing is thrown, and no figure is negative, broken or endless.

/** An object of which nothing is known. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object with names. */
export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands in an object at a name; an empty one where nothing or something else does. */
export function objectAt(value: unknown, name: string): Json {
  const found = isJson(value) ? value[name] : undefined;
  return isJson(found) ? found : nothing;
}

const nothing: Json = {};

/** A list at a name; empty where none is. */
export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = isJson(value) ? value[name] : undefined;
  return Array.isArray(found) ? found : [];
}

/** A text at a name. */
export function textAt(value: unknown, name: string): string | undefined {
  const found = isJson(value) ? value[name] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** As much as the contract takes of one bucket. */
export const quantityMax = 1_000_000_000_000;

/** A quantity at a name: a whole number of 0 and more; undefined where none is, or none that the contract takes: such a figure says nothing. */
export function quantityAt(value: unknown, name: string): number | undefined {
  const found = isJson(value) ? value[name] : undefined;
  return typeof found === "number" && found >= 0 && found <= quantityMax
    ? Math.ceil(found)
    : undefined;
}

/** What comes of multiplying quantities, as far as the contract takes it. */
export const bounded = (quantity: number): number => Math.min(quantity, quantityMax);

/** As JSON; empty where it cannot be written, such as a ring. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

/** Parsed, or undefined. */
export function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/**
 * As much as came of JSON that was cut off: open texts, lists and objects are closed where they stand, and an element that makes no sense is left out.
 * A figure at the end may lack digits, and an object below the root that is still open may lack the figure that counts: its figures are left out.
 * Undefined where nothing can be made of it.
 *
 * @example parsedCut('[{"text":"Hello"},{"text":"the') // [{ text: "Hello" }, { text: "the" }]
 */
export function parsedCut(text: string): unknown {
  const open: string[] = [];
  let isInText = false;
  /** Where the last element ended, and what was open there. */
  let whole = { end: 0, closing: "" };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInText) {
      if (character === "\\") at += 1;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === "{" || character === "[") open.push(character === "{" ? "}" : "]");
    else if (character === "}" || character === "]") {
      open.pop();
      whole = { end: at + 1, closing: open.toReversed().join("") };
    }
  }
  const closing = open.toReversed().join("");
  const cut = isInText
    ? `${text.replace(/\\(u[0-9a-fA-F]{0,3})?$/, "")}"`
    : text.replace(/-?\d[\d.eE+-]*$/, "null");
  return closed(cut, closing) ?? closed(text.slice(0, whole.end), whole.closing);
}

function closed(text: string, closing: string): unknown {
  const value = parsed(text + closing);
  return value === undefined ? undefined : withoutOpenFigures(value, closing.length);
}

/** @param open how many of it, and of what stands last in it, are not closed */
function withoutOpenFigures(value: unknown, open: number, isRoot = true): unknown {
  if (open === 0) return value;
  const inner = (last: unknown): unknown => withoutOpenFigures(last, open - 1, false);
  if (Array.isArray(value)) return [...value.slice(0, -1), ...value.slice(-1).map(inner)];
  if (!isJson(value)) return value;
  const entries = Object.entries(value);
  const kept = entries.map(([name, each], at) =>
    at === entries.length - 1 ? ([name, inner(each)] as const) : ([name, each] as const),
  );
  return Object.fromEntries(isRoot ? kept : kept.filter(([, each]) => typeof each !== "number"));
}
