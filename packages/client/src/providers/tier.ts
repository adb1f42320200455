import { type Json, textAt } from "./json.ts";

/** The tier of service that a request asks for, where it is none of the usual: prices differ by it. */
export function tierOf(body: Json): { readonly attributes?: Readonly<Record<string, string>> } {
  const asked = textAt(body, "speed") ?? textAt(body, "service_tier");
  return asked === undefined || usual.has(asked) || asked.length > tierCharactersMax
    ? {}
    : { attributes: { tier: asked } };
}

const usual: ReadonlySet<string> = new Set(["auto", "default", "standard", "standard_only", ""]);
const tierCharactersMax = 64;
