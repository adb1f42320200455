export { openNodeJournal } from "./node-journal.ts";
export type { NodeJournalOptions } from "./node-journal.ts";
export { JournalInUse } from "./file-lock.ts";
