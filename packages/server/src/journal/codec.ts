/**
 * Owns the text form of events: what is hashed, stored and read back.
 *
 * C1 decoding gives back exactly what was encoded; a member that is `undefined` is left out, and -0 is written as 0.
 * C2 equal values, built in the same order, give equal bytes; encoding what was decoded gives the same text again.
 * C3 the text is JSON: a bigint is the string `"#123"`, and a string that starts with `#` has that character doubled.
 *    A name that JSON would escape, or that starts with `#`, is `#` and its UTF-16 units as four hex digits each, since
 *    V8 reads escaped names wrongly (nodejs/node issue 63785).
 * C4 what has no exact form (a fraction, an unsafe integer, a class instance, `undefined` in a list) is refused, not bent.
 */

/** Version of the text form; a row names the version that wrote it. */
export const codecVersion = 1;

/** One event as JSON text. Events are plain readonly data: strings, bigints, safe integers, booleans, null, lists, objects. */
export function encodeEvent(event: object): string {
  return Array.isArray(event) ? writeList(event) : writeObject(event);
}

/** The `events` text of a row: a JSON array of events that were encoded one by one. */
export function joinEvents(encoded: readonly string[]): string {
  return `[${encoded.join(",")}]`;
}

/**
 * The events of a row. The caller names the type that it wrote; that the bytes are the ones it wrote is proven by the
 * hash chain, not here.
 */
export function decodeEvents<Event extends object>(events: string, codec: number): Event[] {
  if (codec !== codecVersion)
    throw new Error(`Rows of codec ${codec} cannot be read; this build reads ${codecVersion}.`);
  const decoded: Event[] = JSON.parse(events);
  restoreList(decoded);
  return decoded;
}

/** Characters that a JSON string must escape, and halves of pairs, which UTF-8 cannot carry. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;
const hashSign = 35;

function quote(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Member names recur in every event; names that are data (ids as keys) must not grow the cache without end. */
const quotedNames = new Map<string, string>();
const quotedNamesMax = 1024;

function quoteName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = `"${needsMark(name) ? `#${toHex(name)}` : name}":`;
  if (quotedNames.size < quotedNamesMax) quotedNames.set(name, quoted);
  return quoted;
}

function needsMark(name: string): boolean {
  return needsEscape.test(name) || name.charCodeAt(0) === hashSign;
}

function toHex(name: string): string {
  return name.replaceAll(/[^]/g, (unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

function fromHex(digits: string): string {
  return digits.replaceAll(/.{4}/g, (unit) => String.fromCharCode(Number.parseInt(unit, 16)));
}

function write(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.charCodeAt(0) === hashSign ? quote(`#${value}`) : quote(value);
    case "bigint":
      return `"#${value}"`;
    case "number":
      if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not a safe integer.`);
      return `${value}`;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? writeList(value) : writeObject(value);
    case "undefined":
    case "symbol":
    case "function":
      break;
  }
  throw new TypeError(`A ${typeof value} has no text form in the journal.`);
}

function writeList(list: readonly unknown[]): string {
  const { length } = list;
  if (length === 0) return "[]";
  let text = `[${write(list[0])}`;
  for (let index = 1; index < length; index += 1) text += `,${write(list[index])}`;
  return `${text}]`;
}

/** `for in` is twice as fast as `Object.entries`; what is plain has own members alone. */
function writeObject(value: object): string {
  if (!isPlain(value)) throw new TypeError(`A ${value.constructor.name} is not plain data.`);
  let text = "";
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) text += (text === "" ? "{" : ",") + quoteName(name) + write(member);
  }
  return text === "" ? "{}" : `${text}}`;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Gives every member its value back, in place: `"#123"` becomes 123n, `"##x"` becomes `"#x"`. */
function restore(value: unknown): unknown {
  if (typeof value === "string") {
    if (value.charCodeAt(0) !== hashSign) return value;
    const rest = value.slice(1);
    return rest.charCodeAt(0) === hashSign ? rest : BigInt(rest);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return restoreList(value);
  return isPlain(value) ? restoreMembers(value) : value;
}

function restoreList(list: unknown[]): unknown[] {
  for (let index = 0; index < list.length; index += 1) {
    const element = list[index];
    const restored = restore(element);
    if (restored !== element) list[index] = restored;
  }
  return list;
}

function restoreMembers(members: Record<string, unknown>): Record<string, unknown> {
  let hasMarkedName = false;
  for (const name in members) {
    if (name.charCodeAt(0) === hashSign) hasMarkedName = true;
    const member = members[name];
    const restored = restore(member);
    if (restored !== member) members[name] = restored;
  }
  return hasMarkedName ? restoreNames(members) : members;
}

function restoreNames(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name.charCodeAt(0) === hashSign ? fromHex(name.slice(1)) : name,
      member,
    ]),
  );
}
