import { BooksFault, RatesFault } from "../books/index.ts";
import { CatalogFault } from "../catalog/index.ts";
import { DatabaseFault } from "../database/index.ts";
import { SettingsFault } from "../host/index.ts";
import { SinkFault, WarehouseFault } from "../outbound/index.ts";
import { ServerFault } from "./catalog-server.ts";
import { BookingFault, HistoryFault } from "../ingest/index.ts";
import { GatewayFault } from "../open-gateway.ts";
import { ListenFault } from "../server.ts";

/** How commands end; the README lists them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** A setting, the catalog or the arguments make no sense. */
  badSettings: 2,
  /** Another Cistern works with the data folder. */
  folderInUse: 3,
  /** The port or the address cannot be had. */
  portInUse: 4,
  /** The database cannot be reached, started or brought up to date. */
  noDatabase: 5,
  /** All was done but for rows that were refused. */
  rowsRefused: 6,
} as const;

/** How a command that ends with this error ends; undefined for a fault of ours, which is printed whole. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof BooksFault)
    return error.code === "unknown_workspace" ? exitCodes.badSettings : exitCodes.failed;
  if (error instanceof SettingsFault || error instanceof CatalogFault) return exitCodes.badSettings;
  if (error instanceof RatesFault) return exitCodes.badSettings;
  if (error instanceof SinkFault) return exitCodes.badSettings;
  if (error instanceof WarehouseFault)
    return error.code === "folder_unknown" ? exitCodes.badSettings : exitCodes.failed;
  if (error instanceof HistoryFault) return exitCodes.badSettings;
  if (error instanceof ServerFault || error instanceof BookingFault) return exitCodes.failed;
  if (error instanceof GatewayFault)
    return error.code === "in_use" ? exitCodes.folderInUse : exitCodes.failed;
  if (error instanceof ListenFault) return exitCodes.portInUse;
  if (!(error instanceof DatabaseFault)) return undefined;
  if (error.code === "in_use") return exitCodes.folderInUse;
  return error.code === "bad_url" ? exitCodes.badSettings : exitCodes.noDatabase;
}
