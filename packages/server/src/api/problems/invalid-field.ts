/** A field that fits its schema and still makes no sense (30 February, an unknown time zone). Thrown where requests are read. */
export class InvalidField extends Error {
  override readonly name = "InvalidField";
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}
