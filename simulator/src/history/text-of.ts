/** A value as text: equal texts are equal values, built in the same order. Bigints are told from numbers. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) => (typeof one === "bigint" ? `${one}n` : one)) ??
  "undefined";
