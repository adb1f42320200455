/** Owns how fields of events are told of in a document: name, unit, meaning; shapes that stand inside of others once, at its end. */
import {
  type EventType,
  SignedAmountSchema,
  creditsPattern,
  creditsTotalPattern,
  durationPattern,
  eventDataSchemas,
  fieldMeaning,
  instantPattern,
  positiveCreditsPattern,
} from "@cistern/contract";

/** What of a schema is read. */
interface Part {
  readonly title?: string;
  readonly type?: string;
  readonly const?: string | boolean;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly description?: string;
  readonly items?: Part;
  readonly anyOf?: readonly Part[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly required?: readonly string[];
}

/** The shapes that were named so far and are to be told at the end. */
export class FieldTables {
  readonly #shapes = new Map<string, Part>();
  readonly #told = new Map<string, EventType>();

  /** The fields of a type's data. Where another type has the same, it is told there. */
  ofType(type: EventType): string {
    const schema: Part = JSON.parse(JSON.stringify(eventDataSchemas[type]));
    const { title = type } = schema;
    const first = this.#told.get(title);
    if (first !== undefined) return `Fields: those of [${first}](#${anchor(first)}).\n`;
    this.#told.set(title, type);
    return this.#table(schema);
  }

  /** The shapes inside, each with its fields; those that they name come behind them. */
  shapes(): string {
    const sections: string[] = [];
    for (const [title, schema] of this.#shapes) {
      const { description } = schema;
      const about = description === undefined ? "" : `${description}\n\n`;
      sections.push(`### ${title}\n\n${about}${this.#table(schema)}`);
    }
    return sections.toSorted().join("\n");
  }

  #table(schema: Part): string {
    const rows = this.#rows(schema, schema.title ?? "", "");
    return rows.length === 0 ? "" : aligned([["field", "unit", "meaning"], ...rows]);
  }

  #rows(schema: Part, shape: string, before: string): (readonly string[])[] {
    return fieldsOf(schema).flatMap(([name, part, isOptional]) => {
      const meaning = fieldMeaning(shape, name, part) ?? part.description ?? "";
      const unit = unitsByName.get(name) ?? this.#unit(part);
      const row = [`\`${before}${name}\`${isOptional ? "?" : ""}`, unit, meaning];
      const inside = part.title === undefined ? (part.items ?? part) : {};
      const nested =
        inside.title === undefined ? this.#rows(inside, shape, `${before}${name}.`) : [];
      return [row, ...nested];
    });
  }

  #unit(part: Part): string {
    const { title, items, anyOf } = part;
    if (title === "Money" || title === "SignedMoney") return "money";
    if (title !== undefined && (part.properties !== undefined || anyOf !== undefined)) {
      this.#shapes.set(title, part);
      return `[${title}](#${title.toLowerCase()})`;
    }
    if (items !== undefined) return `list: ${this.#unit(items)}`;
    if (part.const !== undefined) return `\`${part.const}\``;
    if (part.enum !== undefined) return part.enum.map((value) => `\`${value}\``).join(" ");
    if (anyOf !== undefined) return anyOf.map((one) => this.#unit(one)).join(" or ");
    return units.get(part.pattern ?? "") ?? kindOf(part);
  }
}

/** Of a union, the fields of all its forms. */
function fieldsOf({
  properties,
  required = [],
  anyOf = [],
}: Part): readonly (readonly [string, Part, boolean])[] {
  const own = Object.entries(properties ?? {}).map(
    ([name, part]) => [name, part, !required.includes(name)] as const,
  );
  const forms = anyOf.map(fieldsOf);
  const all = new Map(forms.flat().map((field) => [field[0], field]));
  const isInEach = (name: string): boolean =>
    forms.every((form) => form.some(([one, , isOptional]) => one === name && !isOptional));
  return [
    ...own,
    ...[...all.values()].map(([name, part]) => [name, part, !isInEach(name)] as const),
  ];
}

const units = new Map([
  [creditsPattern, "credits"],
  [positiveCreditsPattern, "credits"],
  [creditsTotalPattern, "credits"],
  ["pattern" in SignedAmountSchema ? String(SignedAmountSchema.pattern) : "", "credits"],
  [instantPattern, "instant"],
  [durationPattern, "duration"],
]);

/** Texts of digits that are no credits. */
const unitsByName = new Map([
  ["units", "units"],
  ["included", "units"],
  ["quantity", "number"],
]);

function kindOf({ type, pattern }: Part): string {
  switch (type) {
    case "boolean":
      return "`true` or `false`";
    case "integer":
      return "number";
    case "object":
      return "by name";
    case "null":
      return "`null`";
    case "string":
    case undefined:
    default:
      return pattern?.includes("_[0-9A-Za-z]") === true ? "id" : "text";
  }
}

/** As the formatter has tables. */
function aligned(rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  const widths = (escaped[0] ?? []).map((_, column) =>
    Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filler: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, filler)).join(" | ")} |\n`;
  const [head = [], ...body] = escaped;
  return [line(head, " "), line([], "-"), ...body.map((row) => line(row, " "))].join("");
}

const anchor = (type: EventType): string => type.replaceAll(/[^a-z_]/g, "");
