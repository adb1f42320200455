import {
  AcknowledgedSchema,
  AcknowledgementSchema,
  ConsumerPageSchema,
  ConsumerQuerySchema,
  ConsumerRemovedSchema,
  ConsumerRequestSchema,
  ConsumerSchema,
} from "../consumer.schema.ts";
import { CallerIdSchema, strictObject } from "../formats.schema.ts";
import type { Route } from "./route.ts";

const ConsumerParams = strictObject({ consumer: CallerIdSchema });

/** The events of all workspaces, for whoever keeps no cursors of its own. Keys of one workspace have no part in it. */
export const consumerRoutes = {
  putConsumer: {
    method: "PUT",
    path: "/v1/consumers/{consumer}",
    tag: "Events",
    summary: "Read the events of all workspaces",
    description:
      "A name under which Cistern keeps, for each workspace, how far you have read. It begins at the start of every workspace, or now; one that is there stays as it is.",
    scopes: ["admin"],
    params: ConsumerParams,
    body: ConsumerRequestSchema,
    idempotency: { kind: "optional" },
    responses: { 200: ConsumerSchema },
    problems: [],
  },
  listConsumerEvents: {
    method: "GET",
    path: "/v1/consumers/{consumer}/events",
    tag: "Events",
    summary: "Read what was not acknowledged yet",
    description:
      "CloudEvents of all workspaces: each workspace's in order and without a gap, each event at least once under an id that stays; there is no order between workspaces. What is not acknowledged comes again, after other workspaces had their turn. An empty answer says that nothing is new; with `wait` it is held until something is. Read by one reader at a time, or an event may reach two.",
    scopes: ["read"],
    params: ConsumerParams,
    query: ConsumerQuerySchema,
    idempotency: { kind: "ignored" },
    waits: true,
    responses: { 200: ConsumerPageSchema },
    problems: ["unknown_consumer"],
  },
  acknowledgeEvents: {
    method: "POST",
    path: "/v1/consumers/{consumer}/ack",
    tag: "Events",
    summary: "Say what you have",
    description:
      "By workspace, the cursor after the last event that you have: `next` of a page, or of an event `acme:9.0:1f3a90bc` its `9.0.1f3a90bc`. An earlier one than what was acknowledged changes nothing, so that it may be said twice; `0.0` begins that workspace anew.",
    scopes: ["admin"],
    params: ConsumerParams,
    body: AcknowledgementSchema,
    idempotency: { kind: "ignored" },
    responses: { 200: AcknowledgedSchema },
    problems: ["unknown_workspace", "unknown_consumer", "cursor_lost"],
  },
  removeConsumer: {
    method: "DELETE",
    path: "/v1/consumers/{consumer}",
    tag: "Events",
    summary: "Forget a consumer",
    description: "And how far it has read.",
    scopes: ["admin"],
    params: ConsumerParams,
    idempotency: { kind: "optional" },
    responses: { 200: ConsumerRemovedSchema },
    problems: ["unknown_consumer"],
  },
} as const satisfies Readonly<Record<string, Route>>;
