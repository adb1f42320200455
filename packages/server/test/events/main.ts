import { eventDocument, exampleEvents, writeEventDocument } from "./event-document.ts";

await writeEventDocument(eventDocument(await exampleEvents()));
