import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../database-fault.ts";
import type { Host } from "../host.ts";

const run = promisify(execFile);

/**
 * Names one life of a process: pids are given out again, a pid with its start time (and the machine's boot) is not.
 * `undefined` when no such process lives; a zombie is dead.
 */
export async function processLife(host: Host, pid: number): Promise<string | undefined> {
  if (!answersSignals(host, pid)) return undefined;
  switch (host.platform) {
    case "linux":
      return linuxLife(pid);
    case "win32":
      return windowsLife(pid);
    default:
      return bsdLife(pid);
  }
}

/** Whether the pid is a postmaster that works in this data folder; `unknown` where the system does not let us look. */
export async function isPostmasterOf(
  host: Host,
  pid: number,
  dataFolder: string,
): Promise<"yes" | "no" | "unknown"> {
  if (host.platform === "win32") return "unknown";
  if (host.platform === "linux") {
    try {
      // A postmaster's working directory is its data folder. The suffix is there when an upgrade replaced the file.
      const [program, folder] = await Promise.all([
        readlink(`/proc/${pid}/exe`),
        readlink(`/proc/${pid}/cwd`),
      ]);
      const isPostgres = /^postgres( \(deleted\))?$/.test(basename(program));
      return isPostgres && folder === dataFolder ? "yes" : "no";
    } catch (error) {
      return errorCode(error) === "ENOENT" ? "no" : "unknown";
    }
  }
  const command = await processStatus(pid, "command=");
  if (command === undefined) return "no";
  return command.includes("postgres") && command.includes(dataFolder) ? "yes" : "no";
}

function answersSignals(host: Host, pid: number): boolean {
  try {
    return host.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

async function linuxLife(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The second field is the program's name in brackets, and may hold anything: count from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === "Z" || state === "X" || startTicks === undefined) return undefined;
    return `${boot.slice(0, 8)}.${startTicks}`;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ESRCH") return undefined;
    throw error;
  }
}

async function bsdLife(pid: number): Promise<string | undefined> {
  const line = await processStatus(pid, "stat=,lstart=");
  if (line === undefined || line.startsWith("Z")) return undefined;
  return line.replace(/^\S+\s+/, "").replaceAll(/[^0-9A-Za-z]+/g, ".");
}

async function windowsLife(pid: number): Promise<string | undefined> {
  try {
    const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
    const { stdout } = await run("powershell", ["-NoProfile", "-Command", script]);
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    // Exits with 1 when there is no such process.
    return undefined;
  }
}

async function processStatus(pid: number, columns: string): Promise<string | undefined> {
  try {
    const { stdout } = await run("ps", ["-o", columns, "-p", String(pid)], {
      env: { LC_ALL: "C", PATH: "/bin:/usr/bin" },
    });
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    // Exits with 1 when there is no such process.
    return undefined;
  }
}
