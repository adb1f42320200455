/** A row that is no usage; the message says why. It is caught where the row is read. */
export class RowFault extends Error {
  override readonly name = "RowFault";
}
