/**
 * Moves every schema that has a title into `components.schemas`, once, and leaves a reference where it stood: the document says
 * each shape in one place, as the contract does.
 */
export function hoistSchemas<Document extends { components?: object }>(
  document: Document,
): Document {
  const schemas: Record<string, unknown> = {};
  const hoisted = Object.fromEntries(
    Object.entries(document).map(([key, part]) => [
      key,
      key === "paths" ? visit(part, schemas) : part,
    ]),
  );
  return { ...document, ...hoisted, components: { ...document.components, schemas } };
}

function visit(value: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => visit(element, schemas));
  if (typeof value !== "object" || value === null) return value;
  const title = titleOf(value);
  if (title !== undefined && title in schemas) return reference(title);
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === "examples" || key === "example" ? part : visit(part, schemas),
    ]),
  );
  if (title === undefined) return copy;
  schemas[title] = copy;
  return reference(title);
}

/** A schema's title is one word; the API's own title stands outside the paths. */
function titleOf(value: object): string | undefined {
  if (!("title" in value) || typeof value.title !== "string") return undefined;
  return /^[A-Z][A-Za-z]*$/.test(value.title) ? value.title : undefined;
}

function reference(title: string): object {
  return { $ref: `#/components/schemas/${title}` };
}
