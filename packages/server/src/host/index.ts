export { createCalendar, isTimeZone } from "./calendar.ts";
export { createIds, type IdSource, type NewId } from "./ids.ts";
export { readSettings, type Settings } from "./settings.ts";
export { SettingsFault } from "./settings-fault.ts";
export type { SinkSettings } from "./sink-settings.ts";
export type { Upstream } from "./upstreams.ts";
export { readVersion } from "./version.ts";
