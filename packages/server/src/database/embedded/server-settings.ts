import type { Host } from "../host.ts";
import type { Address } from "./address.ts";

/** E4 stands on the first three; the rest gives a busy pool room without taking a small machine over. */
const settings: Readonly<Record<string, string>> = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  min_wal_size: "256MB",
  max_connections: "100",
  autovacuum: "on",
  // Our statements are short; compiling them costs more than running them.
  jit: "off",
  unix_socket_permissions: "0700",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] ",
};

/** The command line of the server: ours, where it listens, and the operator's own on top. */
export function serverSettings(
  host: Host,
  address: Address,
  more: Readonly<Record<string, string>>,
): readonly string[] {
  const listen =
    address.kind === "socket"
      ? { listen_addresses: "", unix_socket_directories: address.folder }
      : { listen_addresses: "127.0.0.1", unix_socket_directories: "" };
  // On macOS a plain sync stops at the drive's cache.
  const sync = host.platform === "darwin" ? { wal_sync_method: "fsync_writethrough" } : {};
  const all = { ...settings, ...sync, ...more, ...listen, port: String(address.port) };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
