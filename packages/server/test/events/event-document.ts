/** Owns docs/events.md: every type with its sentence, its fields, and the data of the first that happened. What differs from run to run is named anew. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CloudEvent, eventTypeNames, eventTypes } from "@cistern/contract";
import { FieldTables } from "./event-fields.ts";

const path = join(import.meta.dirname, "../../../../docs/events.md");

/** As it is committed. */
export const readEventDocument = (): Promise<string> => readFile(path, "utf8");

/** Writes it anew. */
export const writeEventDocument = (text: string): Promise<void> => writeFile(path, text);

/** The document as of these. */
export function eventDocument(lived: readonly CloudEvent[]): string {
  const byType = new Map(lived.toReversed().map((event) => [event.type, event]));
  const fields = new FieldTables();
  const sections = eventTypeNames.map((type) => {
    const event = byType.get(type);
    if (event === undefined) throw new Error(`There is no example of ${type}.`);
    const example = `\`\`\`json\n${printed(event)}\n\`\`\`\n`;
    return `## ${type}\n\n${eventTypes[type]}\n\n${fields.ofType(type)}\n${example}`;
  });
  return [head, ...sections, shapesHead, fields.shapes()].join("\n");
}

const head = `# Events

Every fact of a workspace leaves as a [CloudEvent](https://cloudevents.io) 1.0: over the feed, as a stream, to webhooks and to sinks. This page is written by
\`npm run docs:events\` from events that happened, all of them over the API; a test compares it.

- **Types** are \`noun.past\`. A type is versioned by adding fields: none is ever taken away, renamed or given another meaning. Where
  that would be needed there is a new type, and the old one is told beside it. So read what you know, and pass over fields and types that you do not.
- **A schema** for each type stands in the OpenAPI document (\`/openapi.json\`) under \`webhooks\`, and as \`eventDataSchemas\` in \`@cistern/contract\`, whose \`CloudEvent\` is
  narrowed by \`type\` in TypeScript. Below, a \`?\` behind a field says that it is left out where there is nothing to say.
- **\`id\`** is \`workspace:seq.index:hash\` and stays: an event that comes twice has the same one. **Order** is the journal's, per workspace;
  there is none between workspaces. **\`subject\`** is the id of what the event is about; it is left out where that is the workspace.
- **\`data\`** of what a call did is what the call was answered. Credits are decimal strings, money minor units, instants RFC 3339. Names of people are never in it.
- **The feed**: \`GET /v1/workspaces/{workspace}/events?after=\` gives pages from a cursor on, with \`wait=PT30S\` as soon as there is something;
  \`…/events/stream\` is the same as server-sent events. A cursor holds 8 digits of its row's hash: if a failover lost that row the answer is
  410 \`cursor_lost\`, and what is read again is told apart by its id.
- **Of all workspaces**: a consumer (\`PUT /v1/consumers/{consumer}\`) has its place in each workspace kept by the server. \`GET …/events\` gives what it did not
  acknowledge yet, \`POST …/ack\` says what it has. Each workspace comes whole and in order, each event at least once.
- **A reversal**: each \`outcome.*\` event lists the outcomes that it changed. Where what was billed of one is taken back, \`outcome.reversed\` follows it with the
  amount: a notice, which books nothing itself.
- **How much is left**: \`balance.low\` at the workspace's \`lowBalance\`, \`balance.depleted\` at none, \`balance.recovered\` above both; each once, when it begins. Held
  credits count as left, so that calls in flight cross nothing.
`;

const shapesHead = `## Shapes inside

What stands inside the data of several types.
`;

const ours = /\b([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}[0-9a-z]*/g;

/** Ids of ours are counted from 1. */
function printed({ data, subject }: CloudEvent): string {
  const names = new Map<string, string>();
  const text = JSON.stringify({ ...(subject === undefined ? {} : { subject }), data }, null, 2);
  return oneLine(text).replaceAll(ours, (id, prefix: string) => {
    const name = names.get(id) ?? `${prefix}_${names.size + 1}`;
    names.set(id, name);
    return name;
  });
}

/** Short lists stand in one line, as the formatter has them. */
const oneLine = (text: string): string =>
  text.replaceAll(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, items: string) => `[${items.replaceAll(/\n\s+/g, " ")}]`,
  );
