/** Owns the binary mode of CloudEvents over HTTP: the envelope stands in `ce-` headers, and the body is `data`. */

/** Headers as Node has them: names in small letters. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const prefix = "ce-";

/** Whether the envelope stands in the headers. */
export const isBinary = (headers: Headers): boolean =>
  headers[`${prefix}specversion`] !== undefined;

/** The same event in its structured form. */
export function structuredOf(headers: Headers, data: unknown): Readonly<Record<string, unknown>> {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(prefix) && typeof value === "string")
      event[name.slice(prefix.length)] = decoded(value);
  return data === undefined ? event : { ...event, data };
}

/** Values are percent-encoded UTF-8; one that is not so stands as it came. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
