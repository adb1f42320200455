/** Owns what of a CloudEvent is read: what tells it from others, and what it says. Everything else is let be. */
import { FormatFault, limits, parseInstant, printInstant } from "@cistern/contract";

/** An event whose envelope is right. */
export interface ReadEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
  /** In UTC. */
  readonly time: string | undefined;
  readonly data: unknown;
  /** The extension `cisternworkspace`. */
  readonly workspace: string | undefined;
}

/** What is wrong with an event, at a JSON pointer into it. */
export interface EventFault {
  readonly kind: "fault";
  readonly pointer: string;
  readonly detail: string;
}

/** Says what is wrong at one place. */
export const fault = (pointer: string, detail: string): EventFault => ({
  kind: "fault",
  pointer,
  detail,
});

/** Whether something cannot be read. */
export const isFault = (read: object): read is EventFault =>
  "kind" in read && read.kind === "fault";

/** Whether JSON is an object with fields. */
export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads an event in its structured form. */
export function readEvent(value: unknown): ReadEvent | EventFault {
  if (!isFields(value)) return fault("", "must be a CloudEvent: an object");
  if (value["specversion"] !== "1.0") return fault("/specversion", 'must be "1.0"');
  if ("data_base64" in value) return fault("/data_base64", "is not taken: send JSON in data");
  const said: Record<string, string | undefined> = {};
  for (const name of ["id", "source", "type", "subject", "time", "cisternworkspace"]) {
    const text = textAt(value, name);
    if (typeof text === "object") return text;
    said[name] = text;
  }
  const { id, source, type, subject, cisternworkspace: workspace } = said;
  if (id === undefined) return fault("/id", "is missing: with source it tells events apart");
  if (source === undefined) return fault("/source", "is missing: with id it tells events apart");
  if (type === undefined) return fault("/type", "is missing: it says what the event means");
  const time = said["time"] === undefined ? undefined : utcOf(said["time"]);
  if (typeof time === "object") return time;
  return { id, source, type, subject, time, workspace, data: value["data"] };
}

/** Source and id of whatever arrived, as far as it has them: the sender knows its event by these. */
export function namesOf(value: unknown): { readonly source?: string; readonly id?: string } {
  if (!isFields(value)) return {};
  const { source, id } = value;
  return {
    ...(isShort(source) ? { source } : {}),
    ...(isShort(id) ? { id } : {}),
  };
}

const isShort = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= limits.eventTextCharactersMax;

/** Null is taken for left out: some producers write it. */
function textAt(
  event: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined | EventFault {
  const value = Object.hasOwn(event, name) ? event[name] : undefined;
  if (value === undefined || value === null) return undefined;
  return isShort(value) && value.isWellFormed()
    ? value
    : fault(`/${name}`, `must be a text of 1 to ${limits.eventTextCharactersMax} characters`);
}

const timePattern =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** RFC 3339 of any zone; what is finer than a billionth of a second is not taken. */
function utcOf(text: string): string | EventFault {
  const [, day, time, sign, hours = "0", minutes = "0"] = timePattern.exec(text) ?? [];
  const wrong = fault("/time", "must be an instant as RFC 3339, such as 2026-11-30T12:00:00Z");
  if (day === undefined || time === undefined || Number(hours) > 23 || Number(minutes) > 59)
    return wrong;
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
  try {
    return printInstant(Math.max(0, parseInstant(`${day}T${time}Z`) - offset));
  } catch (error) {
    if (error instanceof FormatFault) return wrong;
    throw error;
  }
}
