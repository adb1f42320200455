// Owns: a multipart form as the fields of a request, so that a dialect reads it as it reads JSON. F1: no file is read, only its size and type.
import type { Json } from "./json.ts";

/** As many fields are looked at. */
const fieldsMax = 1_000;

/**
 * The fields of a form: numbers and truth as such, a file as `{ size, type }`, a field that comes more than once as a list.
 *
 * @example formBody(form) // { model: "whisper-1", file: { size: 48000, type: "audio/mpeg" } }
 */
export function formBody(form: FormData): Json {
  const fields: Record<string, unknown> = {};
  let seen = 0;
  for (const [given, value] of form.entries()) {
    seen += 1;
    if (seen > fieldsMax) break;
    const name = given.endsWith("[]") ? given.slice(0, -2) : given;
    const before = fields[name];
    const field =
      typeof value === "string" ? fieldOf(value) : { size: value.size, type: value.type };
    fields[name] = before === undefined ? field : [before, field].flat();
  }
  return fields;
}

function fieldOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^\d{1,12}$/.test(text) ? Number(text) : text;
}
