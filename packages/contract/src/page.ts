/** Which page of a list. */
export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}
