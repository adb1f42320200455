// Owns: which of a validator's errors tell what is wrong with a value. Of a union that nothing fits, a validator tells what each of its
// forms lacks; whoever wrote the value meant one of them.
// F1: a form is meant where the value is of its type and has its constants; of several such the one that has every field of the value
// and lacks none. F2: where one form alone is meant, its errors are told, and
// no others. F3: where none is, one error stands for all of them: at the constant that tells the forms apart, or at the value itself.
import { Settings } from "typebox/system";

/** An error as a compiled schema gives it. */
export interface SchemaFault {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** All errors of a value that tell something, and at most `most` of them found; without it the validator stops after a few. */
export function schemaFaults(
  compiled: { Errors(value: unknown): readonly SchemaFault[] },
  value: unknown,
  most: number,
): readonly SchemaFault[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: most });
  try {
    return meant(compiled.Errors(value).filter(({ keyword }) => keyword !== "boolean"));
  } finally {
    Settings.Set({ maxErrors });
  }
}

/** The inner unions first, so that what is left of them is what the outer ones go by. */
function meant(errors: readonly SchemaFault[]): readonly SchemaFault[] {
  const unions = errors
    .filter(({ keyword }) => keyword === "anyOf")
    .toSorted((a, b) => b.schemaPath.length - a.schemaPath.length);
  return unions.reduce(withOneForm, errors);
}

function withOneForm(errors: readonly SchemaFault[], union: SchemaFault): readonly SchemaFault[] {
  if (!errors.includes(union)) return errors;
  const { schemaPath, instancePath } = union;
  const below = `${schemaPath}/anyOf/`;
  const isOf = (one: SchemaFault): boolean =>
    one.schemaPath.startsWith(below) &&
    (one.instancePath === instancePath || one.instancePath.startsWith(`${instancePath}/`));
  const forms = Map.groupBy(errors.filter(isOf), (one) =>
    one.schemaPath.slice(below.length).replace(/\/.*/s, ""),
  );
  if (forms.size === 0) return errors;
  const others = errors.filter((one) => one !== union && !isOf(one));
  const possible = [...forms.values()].filter((form) => !form.some((one) => rulesOut(one, union)));
  const fitting = possible.filter((form) => !form.some((one) => hasOtherFields(one, union)));
  const open = fitting.length === 1 ? fitting : possible;
  const [only, another] = open;
  if (only !== undefined && another === undefined) return [...others, ...only];
  return [...others, only === undefined ? noneOf([...forms.values()].flat(), union) : union];
}

/** F1. */
function rulesOut({ keyword, instancePath }: SchemaFault, union: SchemaFault): boolean {
  if (keyword === "type" && instancePath === union.instancePath) return true;
  if (keyword !== "const" && keyword !== "enum") return false;
  const isChild = instancePath.lastIndexOf("/") === union.instancePath.length;
  return isChild && instancePath.startsWith(`${union.instancePath}/`);
}

/** Whether a form lacks fields that the value has, or has some that the value lacks. */
const hasOtherFields = ({ keyword, instancePath }: SchemaFault, union: SchemaFault): boolean =>
  instancePath === union.instancePath &&
  (keyword === "required" || keyword === "additionalProperties");

/** F3. */
function noneOf(errors: readonly SchemaFault[], union: SchemaFault): SchemaFault {
  const constants = errors.filter((one) => one.keyword !== "type" && rulesOut(one, union));
  const [first] = constants;
  if (first === undefined) return union;
  const named = constants.flatMap(({ params }) => {
    if ("allowedValue" in params) return [params.allowedValue];
    return "allowedValues" in params && Array.isArray(params.allowedValues)
      ? params.allowedValues.map((value: unknown) => value)
      : [];
  });
  const allowedValues = [...new Set(named)];
  const message = `must be one of ${JSON.stringify(allowedValues)}`;
  return { ...first, keyword: "enum", params: { allowedValues }, message };
}
