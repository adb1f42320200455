import { eventDocument, examples, writeEventDocument } from "./event-document.ts";

await writeEventDocument(eventDocument(await examples()));
