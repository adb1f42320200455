import { Type } from "typebox";
import { oneOf, strictObject } from "./formats.schema.ts";

export const HealthSchema = strictObject(
  {
    status: oneOf(["ok", "unavailable"]),
    reasons: Type.Optional(Type.Array(Type.String())),
  },
  { title: "Health", examples: [{ status: "ok" }] },
);
