/** Owns that no process of ours outlives us, whatever ends us: Ctrl-C, a failed test, SIGKILL. */
import { type ChildProcess, spawn } from "node:child_process";

/** Waits for the end of its input, which is the end of our process, then ends the child, stopped or not. */
const guard = 'read -r _ || kill -KILL "$1"';

/** Ends a living child when our process is gone. Its pid is nobody else's as long as we have not seen it end. */
export function guardChild(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const guardian = spawn("sh", ["-c", guard, "sh", String(child.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guardian.unref();
  // The guardian may be gone when we tell it that it is no longer needed.
  guardian.stdin.on("error", () => {});
  child.once("exit", () => guardian.stdin.end("done\n"));
}
