export { createCalendar, isTimeZone } from "./calendar.ts";
export { createIds, type IdSource, type NewId } from "./ids.ts";
export { readSettings, SettingsFault, type Settings } from "./settings.ts";
export { readVersion } from "./version.ts";
