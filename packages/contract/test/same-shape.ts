/** Owns when two types say the same, to the letter; whether they may be written to does not count. */

/** All of it read-only, intersections flat. */
export type Readable<Shape> = Shape extends (infer Item)[] | readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : Shape extends object
    ? { readonly [Key in keyof Shape]: Readable<Shape[Key]> }
    : Shape;

/** Whether no type can tell them apart. */
export type IsSame<Left, Right> =
  (<Probe>(probe: Probe) => Probe extends Left ? 1 : 2) extends <Probe>(
    probe: Probe,
  ) => Probe extends Right ? 1 : 2
    ? true
    : false;
