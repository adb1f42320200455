import { eventDocument, writeEventDocument } from "./event-document.ts";
import { livedEvents } from "./lived-events.ts";

await writeEventDocument(eventDocument(await livedEvents()));
