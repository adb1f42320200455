import { Type } from "typebox";
import {
  CallerIdSchema,
  DurationSchema,
  InstantSchema,
  NoteSchema,
  instant,
  oneOf,
  ourId,
  strictObject,
} from "./formats.schema.ts";
import { limits } from "./limits.ts";
import { pageOf } from "./page.schema.ts";

const UrlSchema = Type.String({
  minLength: 1,
  maxLength: limits.webhookUrlCharactersMax,
  description: "An `https` address without a user name.",
  examples: ["https://crm.example.com/cistern"],
});

const TypesSchema = Type.Array(
  Type.String({
    pattern: "^[a-z_]+\\.(\\*|[a-z_]+)$",
    description: "An event type, or all of a noun.",
    examples: ["hold.*"],
  }),
  { minItems: 1, maxItems: limits.webhookNamesMax, uniqueItems: true },
);

const WorkspacesSchema = Type.Array(CallerIdSchema, {
  minItems: 1,
  maxItems: limits.webhookNamesMax,
  uniqueItems: true,
  description: "Of these alone; left out: of all that the key opens.",
});

const asked = {
  url: UrlSchema,
  types: Type.Optional(TypesSchema),
  workspaces: Type.Optional(WorkspacesSchema),
  description: Type.Optional(NoteSchema),
};

export const WebhookRequestSchema = strictObject(asked, {
  title: "WebhookRequest",
  examples: [{ url: "https://crm.example.com/cistern", types: ["credits.*", "balance.depleted"] }],
});

export const WebhookSchema = strictObject(
  {
    id: CallerIdSchema,
    ...asked,
    workspace: Type.Optional(CallerIdSchema),
    status: oneOf(["active", "disabled"]),
    disabledAt: Type.Optional(InstantSchema),
    disabledReason: Type.Optional(Type.String()),
    createdAt: InstantSchema,
    oldSecretsUntil: Type.Optional(instant("Secrets before this one sign too, until then.")),
    secret: Type.Optional(
      Type.String({
        description: "`whsec_…`: shown when the endpoint is made, and when the secret is rotated.",
      }),
    ),
  },
  { title: "Webhook" },
);

export const WebhookPageSchema = pageOf(WebhookSchema, "WebhookPage");

export const WebhookRemovedSchema = strictObject(
  { id: CallerIdSchema, removed: Type.Literal(true) },
  { title: "WebhookRemoved" },
);

export const WebhookRotateRequestSchema = strictObject(
  { overlap: Type.Optional(DurationSchema) },
  { title: "WebhookRotateRequest", examples: [{ overlap: "PT24H" }] },
);

export const WebhookReplayRequestSchema = strictObject(
  {
    since: instant("From when on events are sent again."),
    workspace: Type.Optional(CallerIdSchema),
  },
  { title: "WebhookReplayRequest", examples: [{ since: "2026-11-30T12:00:00Z" }] },
);

const outcome = {
  ms: Type.Integer({ minimum: 0 }),
  taken: Type.Boolean({
    description: "Whether it counts as taken: 2xx, and the answer came whole.",
  }),
  status: Type.Optional(Type.Integer({ minimum: 100, maximum: 999 })),
  fault: Type.Optional(Type.String()),
};

export const WebhookTestSchema = strictObject(
  { event: Type.String(), ...outcome, answer: Type.Optional(Type.String()) },
  { title: "WebhookTest" },
);

export const WebhookAttemptSchema = strictObject(
  {
    id: ourId("att", "attempt"),
    event: Type.String({ description: "The id of the event." }),
    type: Type.String(),
    workspace: CallerIdSchema,
    attempt: Type.Integer({ minimum: 1, description: "1 for the first of this event." }),
    at: InstantSchema,
    ...outcome,
    nextAt: Type.Optional(instant("When it is tried again.")),
  },
  { title: "WebhookAttempt" },
);

export const WebhookAttemptPageSchema = pageOf(WebhookAttemptSchema, "WebhookAttemptPage");
