/**
 * Owns how an event becomes a message of NATS.
 *
 * G1 the message is the event, whole. G2 where it is larger than the server or the stream takes, it is the same event under the same subject and id
 * with `dataref` (CloudEvents' claim check) in the place of `data`: where the feed tells it whole. So no size of an event holds its workspace up.
 */
import type { CloudEvent } from "@cistern/contract";
import { cursorBefore } from "../place.ts";

/** What is published. */
export interface NatsMessage {
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** G1. Such as `cistern.acme.hold.settled`. */
export function wholeMessage(stream: string, event: CloudEvent): NatsMessage {
  return messageOf(stream, event, { body: event, headers: [] });
}

/** G2. */
export function referringMessage(stream: string, event: CloudEvent): NatsMessage {
  const { data: _data, datacontenttype: _type, ...rest } = event;
  const dataref = `/v1${event.source}/events?after=${cursorBefore(event.id)}&limit=1`;
  return messageOf(stream, event, {
    body: { ...rest, dataref },
    headers: [["Cistern-Dataref", dataref]],
  });
}

/** As a server counts it against its `max_payload`. */
export const bytesOf = ({ headers, body }: NatsMessage): number =>
  headers.reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(`${name}: ${value}\r\n`),
    Buffer.byteLength("NATS/1.0\r\n\r\n") + body.length,
  );

function messageOf(
  stream: string,
  { id, source, type }: CloudEvent,
  { body, headers }: { readonly body: object; readonly headers: NatsMessage["headers"] },
): NatsMessage {
  const workspace = source.slice(source.lastIndexOf("/") + 1);
  return {
    // A dot in the id of a workspace would begin another word, so it is written `%2E`, which no id holds.
    subject: `${stream}.${workspace.replaceAll(".", "%2E")}.${type}`,
    headers: [
      ["Content-Type", "application/cloudevents+json"],
      ["Nats-Msg-Id", id],
      ["Nats-Expected-Stream", stream],
      ...headers,
    ],
    body: Buffer.from(JSON.stringify(body)),
  };
}
