// Owns: the name of a model that stands in a path and not in a body. N1: names are the vendor's: as the caller wrote it, its case kept.

/**
 * The model before the method at a path's end; undefined: there is none.
 *
 * @example modelInPath("/v1beta/models/gemini-2.5-pro:generateContent") // "gemini-2.5-pro"
 */
export function modelInPath(path: string): string | undefined {
  return decoded(/\/([^/:]+):[a-z]+$/i.exec(path)?.[1]);
}

/**
 * The deployment that Azure's paths name, whose bodies need name no model.
 *
 * @example deploymentInPath("/openai/deployments/gpt-5/chat/completions") // "gpt-5"
 */
export function deploymentInPath(path: string): string | undefined {
  return decoded(/\/deployments\/([^/]+)\//i.exec(path)?.[1]);
}

function decoded(name: string | undefined): string | undefined {
  if (name?.includes("%") !== true) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
