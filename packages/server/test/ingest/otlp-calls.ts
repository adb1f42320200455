/** What is sent to a server over OTLP, and what it says then of what was observed. */
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ApiServer, Reply } from "../api/api-server.ts";

export const catalog = {
  meters: {
    chat: { buckets: ["input_text", "cache_read", "output_text"] },
    embedding: { buckets: ["input_text"] },
    execute_tool: { buckets: ["requests"] },
  },
  rateCards: {
    standard: {
      rows: [
        {
          meter: "chat",
          model: "gpt-5",
          perUnit: { input_text: "1", cache_read: "1", output_text: "1" },
        },
        { meter: "embedding", perUnit: { input_text: "1" } },
        { meter: "execute_tool", model: "weather", perUnit: { requests: "5" } },
      ],
    },
  },
} as const;

export const path = "/v1/otlp/v1/traces";
export const whose = { "cistern.workspace": "acme", "cistern.member": "ana" };
export const from = new Date(Date.now() - 3_600_000).toISOString();
export const to = new Date(Date.now() + 3_600_000).toISOString();

export type Spans = Parameters<typeof JsonTraceSerializer.serializeRequest>[0];

export const sendJson = async (api: Pick<ApiServer, "call">, spans: Spans): Promise<Reply> =>
  await api.call("POST", path, {
    text: Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString(),
    idempotencyKey: null,
  });

export async function sendBytes(
  api: Pick<ApiServer, "url" | "key">,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly type: string | null; readonly bytes: Uint8Array }> {
  const response = await fetch(api.url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${api.key}`,
      "content-type": "application/x-protobuf",
      ...headers,
    },
    body: new Uint8Array(bytes),
  });
  const type = response.headers.get("content-type");
  return { status: response.status, type, bytes: new Uint8Array(await response.arrayBuffer()) };
}

export const reconcile = async (api: ApiServer): Promise<Reply> =>
  await api.get(`/v1/workspaces/acme/reconciliation?from=${from}&to=${to}`);

export async function used(api: ApiServer): Promise<number> {
  return Number((await api.get("/v1/workspaces/acme/balance")).body["consumed"]);
}

/** Attributes of one span by hand, as an exporter writes them. */
let made = 0;
export function span(attributes: Readonly<Record<string, string | number>>, more: object = {}) {
  made += 1;
  const spanId = made.toString(16).padStart(16, "0");
  const end = `${BigInt(Date.now()) * 1_000_000n}`;
  return {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId,
    name: "call",
    startTimeUnixNano: end,
    endTimeUnixNano: end,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
    })),
    ...more,
  };
}

export const requestOf = (
  spans: readonly object[],
  resource: Readonly<Record<string, string>> = whose,
) => ({
  resourceSpans: [
    {
      resource: {
        attributes: Object.entries(resource).map(([key, stringValue]) => ({
          key,
          value: { stringValue },
        })),
      },
      scopeSpans: [{ scope: { name: "test" }, spans }],
    },
  ],
});

export const send = async (api: Pick<ApiServer, "call">, body: unknown): Promise<Reply> =>
  await api.call("POST", path, { body, idempotencyKey: null });
