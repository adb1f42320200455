import { Type } from "typebox";
import {
  InstantSchema,
  PositionSchema,
  SignedAmountSchema,
  strictObject,
} from "./formats.schema.ts";
import { PageQuerySchema, pageOf } from "./page.schema.ts";
import { spanFields } from "./usage.schema.ts";

export const PostingSchema = strictObject(
  {
    account: Type.String({ examples: ["Available:grt_01jd8z3m5v7x9b2c4f6h8k0n2q"] }),
    commodity: Type.String({ description: "`CREDIT`, or a currency code.", examples: ["CREDIT"] }),
    amount: SignedAmountSchema,
  },
  { title: "Posting" },
);

export const LedgerEntrySchema = strictObject(
  {
    position: PositionSchema,
    at: InstantSchema,
    kind: Type.String({ examples: ["hold.settled"] }),
    of: Type.Optional(Type.String()),
    postings: Type.Array(PostingSchema),
  },
  {
    title: "LedgerEntry",
    examples: [
      {
        position: { seq: 8, index: 0 },
        at: "2026-11-30T12:00:00Z",
        kind: "hold.settled",
        of: "hld_01jd8z4q6w8y0c3e5g7j9m1p3r",
        postings: [
          {
            account: "Held:grt_01jd8z3m5v7x9b2c4f6h8k0n2q",
            commodity: "CREDIT",
            amount: "-60",
          },
          {
            account: "Consumed:grt_01jd8z3m5v7x9b2c4f6h8k0n2q",
            commodity: "CREDIT",
            amount: "60",
          },
        ],
      },
    ],
  },
);

export const LedgerPageSchema = pageOf(LedgerEntrySchema, "LedgerPage");

export const LedgerQuerySchema = strictObject({
  ...PageQuerySchema.properties,
  ...spanFields,
  kind: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  of: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});
