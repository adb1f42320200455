// Owns: whether the model that answered is another than the one that was asked for, or only its full name.

/**
 * The model to charge by where a call was re-routed; undefined where the answer came from the model that was asked for: under its own name, a
 * dated or numbered one of it (`gpt-5-2025-08-07` of `gpt-5`), without the vendor before it (`openai/gpt-5`), or what `…-latest` stood for.
 */
export function reroutedModel(
  asked: string | undefined,
  answered: string | undefined,
): string | undefined {
  if (asked === undefined || answered === undefined || answered === "") return undefined;
  const [want, got] = [bareName(asked), bareName(answered)];
  if (got === want || want.endsWith("latest")) return undefined;
  const rest = got.startsWith(want) ? got.slice(want.length) : undefined;
  return rest !== undefined && /^[-@:.]?v?\d[\d.-]*$/.test(rest) ? undefined : answered;
}

/** Without vendor and path: `models/gemini-2.5-pro`, `openai/gpt-5`. */
const bareName = (model: string): string => model.slice(model.lastIndexOf("/") + 1).toLowerCase();
