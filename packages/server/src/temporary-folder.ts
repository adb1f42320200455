/** Owns folders of embedded databases that are of use to one process alone. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder in the system's temporary one. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Waits for the end of its input, which is the end of our process, then ends the servers in the folder and removes it. */
const reaper = `read -r _
sleep 1
for lock in "$1"/postgres/postmaster.pid "$1"/*/postgres/postmaster.pid; do
  [ -f "$lock" ] && kill -INT "$(head -n 1 "$lock")"
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -f "$lock" ] && sleep 1; done
done
rm -rf "$1"`;

/**
 * Makes a folder that does not outlive this process, whatever ends it: Ctrl-C and SIGKILL leave no server behind. On Windows only
 * `remove` ends it. `platform` is that of the process.
 */
export async function temporaryFolder(platform: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "cistern-test-"));
  const watcher =
    platform === "win32"
      ? undefined
      : spawn("sh", ["-c", reaper, "sh", path], {
          detached: true,
          stdio: ["pipe", "ignore", "ignore"],
        });
  watcher?.unref();
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      watcher?.stdin.end();
    },
  };
}
