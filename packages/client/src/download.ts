/** A file, whole. */
export interface Download {
  readonly bytes: Uint8Array;
  /** Such as `application/pdf` or `text/csv; charset=utf-8; header=present`. */
  readonly contentType: string;
  /** What the server would have it called, such as `INV-000001.pdf`. */
  readonly fileName?: string;
}
