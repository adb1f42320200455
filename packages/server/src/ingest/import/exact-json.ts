/** Reads JSON with its numbers as they are written: `0.1` is the text 0.1, and never the fraction nearest to it. */
export function parseExactly(text: string): unknown {
  try {
    return JSON.parse(text, asWritten);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const asWritten = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" ? (context?.source ?? String(value)) : value;
