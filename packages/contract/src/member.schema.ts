import { Type } from "typebox";
import {
  CallerIdSchema,
  NameSchema,
  oneOf,
  PositionSchema,
  strictObject,
} from "./formats.schema.ts";
import { pageOf } from "./page.schema.ts";
import { limits } from "./limits.ts";

const KindSchema = oneOf(["person", "agent", "key"], { description: "Default `person`." });
const GroupsSchema = Type.Array(CallerIdSchema, {
  maxItems: limits.memberGroupsMax,
  uniqueItems: true,
});
const example = { kind: "person", name: "Ana", groups: ["growth"], home: "growth" };

export const MemberRequestSchema = strictObject(
  {
    kind: Type.Optional(KindSchema),
    name: Type.Optional(NameSchema),
    groups: Type.Optional(GroupsSchema),
    home: Type.Optional(CallerIdSchema),
    sponsor: Type.Optional(CallerIdSchema),
  },
  { title: "MemberRequest", examples: [example] },
);

export const MemberSchema = strictObject(
  {
    id: CallerIdSchema,
    kind: KindSchema,
    name: Type.Optional(NameSchema),
    groups: GroupsSchema,
    home: Type.Optional(CallerIdSchema),
    sponsor: Type.Optional(CallerIdSchema),
    status: oneOf(["active", "inactive"]),
    at: PositionSchema,
  },
  {
    title: "Member",
    examples: [{ id: "ana", ...example, status: "active", at: { seq: 3, index: 0 } }],
  },
);

export const MemberPageSchema = pageOf(MemberSchema, "MemberPage");

const LeadsSchema = Type.Array(CallerIdSchema, {
  maxItems: limits.leadsMax,
  uniqueItems: true,
  description: "Members who may answer requests for more of its members.",
});

export const GroupRequestSchema = strictObject(
  { name: Type.Optional(NameSchema), leads: Type.Optional(LeadsSchema) },
  { title: "GroupRequest", examples: [{ name: "Growth", leads: ["ana"] }] },
);

export const GroupSchema = strictObject(
  {
    id: CallerIdSchema,
    name: Type.Optional(NameSchema),
    leads: Type.Optional(LeadsSchema),
    at: PositionSchema,
  },
  { title: "Group", examples: [{ id: "growth", name: "Growth", at: { seq: 2, index: 0 } }] },
);

export const GroupPageSchema = pageOf(GroupSchema, "GroupPage");
