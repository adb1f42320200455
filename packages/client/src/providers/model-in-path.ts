// Owns: the name of a model that stands in a path and not in a body. N1: names are the vendor's: as the caller wrote it, its case kept.

/**
 * The model before the method at a path's end; undefined: there is none.
 *
 * @example modelInPath("/v1beta/models/gemini-2.5-pro:generateContent") // "gemini-2.5-pro"
 */
export function modelInPath(path: string): string | undefined {
  const name = /\/([^/:]+):[a-z]+$/i.exec(path)?.[1];
  if (name?.includes("%") !== true) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
