import { Type, type TSchema } from "typebox";
import { strictObject } from "./formats.schema.ts";
import { limits } from "./limits.ts";

/** A page of rows with the cursor of the next one, which is left out on the last page. */
export function pageOf<Row extends TSchema>(row: Row, title: string) {
  return strictObject(
    {
      data: Type.Array(row),
      nextCursor: Type.Optional(Type.String({ description: "Where the next page begins." })),
    },
    { title },
  );
}

/** Which page: the query of every list. */
export const PageQuerySchema = strictObject({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.pageRowsMax,
      description: `Rows of the page (default ${limits.pageRowsDefault}).`,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description: "`nextCursor` of the page before.",
    }),
  ),
});
