/**
 * Owns how what has faults of form is read all the same, so that none of them hides another: each value that is not of its form gives
 * way to one that is, and its place is remembered.
 *
 * M1 what is of its form stays as it is, and everything stays in its place: rows keep their numbers. M2 nothing that was told of a value
 * that gave way counts (`Doubts`), since nobody wrote it.
 */
import type { TSchema } from "typebox";
import { Check } from "typebox/value";

/** As far as the forms of a catalog need it. */
interface Parts {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Parts[];
  readonly properties?: Readonly<Record<string, Parts>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Parts>>;
  readonly items?: Parts;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
}

/** Places of values that gave way, as JSON pointers. */
export class Doubts {
  readonly #places = new Set<string>();

  add(path: string): void {
    this.#places.add(path);
  }

  /** Whether what stands at a place was written so; with `/` at its end: all that stands below it too. */
  hasSaid(place: string): boolean {
    const isTree = place.endsWith("/");
    const path = isTree ? place.slice(0, -1) : place;
    for (let above = path; ; above = above.slice(0, above.lastIndexOf("/"))) {
      if (this.#places.has(above)) return false;
      if (above === "") break;
    }
    return !isTree || ![...this.#places].some((one) => one.startsWith(place));
  }
}

/** A value of the form that `schema` says, with what of `value` is of it; see the file head. */
export function mend(schema: TSchema, value: unknown, doubts: Doubts, path = ""): unknown {
  return new Mender(doubts).mend(schema, value, path);
}

type Members = readonly (readonly [name: string, value: unknown])[];

class Mender {
  readonly #doubts: Doubts;

  constructor(doubts: Doubts) {
    this.#doubts = doubts;
  }

  mend(parts: Parts, value: unknown, path: string): unknown {
    if (Check(parts, value)) return value;
    const mended = this.#within(parts, value, path);
    if (mended !== undefined && Check(parts, mended)) return mended;
    this.#doubts.add(path);
    return neutral(parts);
  }

  /** undefined: nothing of it is of the form. */
  #within(parts: Parts, value: unknown, path: string): unknown {
    const { anyOf, properties, patternProperties } = parts;
    if (anyOf !== undefined) {
      const meant = anyOf.find((one) => isMeant(one, value));
      return meant === undefined ? undefined : this.mend(meant, value, path);
    }
    if (Array.isArray(value)) return this.#items(parts, [...value], path);
    if (typeof value !== "object" || value === null) return undefined;
    const members = Object.entries(value);
    if (properties !== undefined) return this.#fields(parts, members, path);
    if (patternProperties !== undefined) return this.#record(patternProperties, members, path);
    return undefined;
  }

  #items({ items, maxItems }: Parts, values: readonly unknown[], path: string): unknown {
    if (items === undefined) return undefined;
    const mended = values.map((one, index) => this.mend(items, one, `${path}/${index}`));
    const seen = new Set<unknown>();
    // M1: one that comes twice keeps its place, and says nothing.
    const apart = mended.map((one, index) => {
      const isAgain = typeof one === "string" && seen.has(one);
      seen.add(one);
      if (!isAgain) return one;
      this.#doubts.add(`${path}/${index}`);
      return `again_${index}`;
    });
    return apart.slice(0, maxItems);
  }

  #fields({ properties = {}, required = [] }: Parts, members: Members, path: string): unknown {
    const said = new Map(members);
    const fields = Object.entries(properties).flatMap(([name, form]) => {
      const place = `${path}/${name}`;
      if (said.has(name) && (said.get(name) !== undefined || required.includes(name)))
        return [[name, this.mend(form, said.get(name), place)] as const];
      if (!required.includes(name)) return [];
      this.#doubts.add(place);
      return [[name, neutral(form)] as const];
    });
    return Object.fromEntries(fields);
  }

  #record(forms: NonNullable<Parts["patternProperties"]>, members: Members, path: string): unknown {
    const [[pattern, form] = []] = Object.entries(forms);
    if (pattern === undefined || form === undefined) return undefined;
    const isName = new RegExp(pattern, "u");
    return Object.fromEntries(
      members
        .filter(([name]) => isName.test(name))
        .map(([name, one]) => [name, this.mend(form, one, `${path}/${pointerStep(name)}`)]),
    );
  }
}

/** A name as a step of a JSON pointer. */
export const pointerStep = (name: string): string =>
  name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Of a union: what is written has its type, and the constants that tell its forms apart. */
function isMeant({ type, properties = {} }: Parts, value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (type !== (isObject ? "object" : typeof value)) return false;
  if (!isObject) return true;
  const said = new Map<string, unknown>(Object.entries(value));
  return Object.entries(properties).every(
    ([name, one]) =>
      (one.const === undefined && one.enum === undefined) || Check(one, said.get(name)),
  );
}

const texts = ["0", "1", "a", "again", "PT1H", "P1D", "P1M", "USD"];

/** The least that is of a form. */
function neutral(parts: Parts): unknown {
  if (parts.const !== undefined) return parts.const;
  if (parts.enum !== undefined) return parts.enum[0];
  if (parts.anyOf !== undefined) return parts.anyOf[0] && neutral(parts.anyOf[0]);
  if (parts.type === "integer") return parts.minimum ?? 0;
  if (parts.type === "boolean") return false;
  if (parts.type === "array")
    return parts.items === undefined || (parts.minItems ?? 0) === 0 ? [] : [neutral(parts.items)];
  if (parts.type === "string") return texts.find((text) => Check(parts, text)) ?? "";
  return neutralObject(parts);
}

function neutralObject(parts: Parts): unknown {
  const { properties = {}, required = [], patternProperties = {}, minProperties = 0 } = parts;
  const fields = Object.entries(properties).filter(([name]) => required.includes(name));
  if (fields.length > 0 || minProperties === 0)
    return Object.fromEntries(fields.map(([name, form]) => [name, neutral(form)]));
  return Object.fromEntries(
    Object.entries(patternProperties).map(([pattern, form]) => [
      texts.find((text) => new RegExp(pattern, "u").test(text)) ?? "",
      neutral(form),
    ]),
  );
}
