import type { TObject, TProperties } from "typebox";

/** The fields of an answer but for some: of an event `at` stands in its id, and names stand outside the journal. */
export function without<Fields extends TProperties, Name extends keyof Fields>(
  { properties }: TObject<Fields>,
  ...names: readonly Name[]
): Omit<Fields, Name> {
  const left = Object.entries(properties).filter(([name]) => !names.some((one) => one === name));
  const isLeft = (fields: object): fields is Omit<Fields, Name> => fields !== properties;
  const fields = Object.fromEntries(left);
  if (!isLeft(fields)) throw new Error("a copy is another object");
  return fields;
}
