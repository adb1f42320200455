import { type TemporaryFolder, temporaryFolder as folderOn } from "../src/temporary-folder.ts";

export type { TemporaryFolder };

/** A folder that does not outlive the run of tests. */
export const temporaryFolder = (): Promise<TemporaryFolder> => folderOn(process.platform);
