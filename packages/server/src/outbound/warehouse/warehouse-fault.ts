/** Why a folder takes no feed. */
export class WarehouseFault extends Error {
  override readonly name = "WarehouseFault";
  readonly code: "folder_unknown" | "in_use" | "journal_broken";

  constructor(code: WarehouseFault["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
