import { SettingsFault } from "./settings-fault.ts";
import { type SinkSettings, readSinks } from "./sink-settings.ts";
import { type Upstream, readUpstreams } from "./upstreams.ts";

/** What the environment says. An empty variable counts as unset. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Folder of the embedded PostgreSQL. */
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  /** The first admin key; undefined: one is made at the first start. */
  readonly apiKey: string | undefined;
  readonly logLevel: string;
  /** For development: webhooks may be sent to this machine, and over plain http. */
  readonly webhooksAllowLoopback: boolean;
  /** Secrets are sealed by the first, and opened by each; none: they stand as they are. */
  readonly secretKeys: readonly Uint8Array[];
  /** What arrives as spans is kept so many days; undefined: as by default. */
  readonly observationDays: number | undefined;
  /** Where events are written to besides. */
  readonly sinks: readonly SinkSettings[];
  /** The providers behind the gateway, by name. */
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** How long a caller of the gateway may take nothing of an answer before it counts as gone. */
  readonly readerStillMs: number;
}

const logLevels: readonly string[] = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const apiKeyCharactersMax = 255;
const secretKeyBytes = 32;

/**
 * Reads the settings.
 *
 * @throws SettingsFault where a variable makes no sense.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const value = (name: string): string | undefined => {
    const text = env[name];
    return text === undefined || text === "" ? undefined : text;
  };
  return {
    host: value("HOST") ?? "127.0.0.1",
    port: portOf(value("PORT") ?? "4200"),
    folder: value("CISTERN_DATA") ?? "./.cistern",
    databaseUrl: value("DATABASE_URL"),
    apiKey: apiKeyOf(value("CISTERN_API_KEY")),
    logLevel: logLevelOf(value("CISTERN_LOG") ?? "warn"),
    webhooksAllowLoopback: flagOf("CISTERN_WEBHOOKS_ALLOW_LOOPBACK", value),
    secretKeys: secretKeysOf(value("CISTERN_SECRET_KEY")),
    observationDays: daysOf(value("CISTERN_OBSERVATION_DAYS")),
    sinks: readSinks(value("CISTERN_SINKS")),
    upstreams: readUpstreams(value("CISTERN_GATEWAY"), env),
    readerStillMs: readerStillMsOf(value("CISTERN_GATEWAY_READER_TIMEOUT") ?? "PT5M"),
  };
}

function secretKeysOf(text: string | undefined): readonly Uint8Array[] {
  return (text?.split(",") ?? []).map((one) => {
    const key = Buffer.from(one.trim(), "base64");
    const isWhole = key.length === secretKeyBytes && /^[A-Za-z0-9+/_-]{43}=?$/.test(one.trim());
    // The text is not repeated: it may be a key all but one character.
    if (isWhole) return key;
    throw new SettingsFault(
      `CISTERN_SECRET_KEY must be ${secretKeyBytes} bytes in base64, or several with commas, the one that seals first. Make one with \`openssl rand -base64 ${secretKeyBytes}\`.`,
    );
  });
}

/** Timers of the runtime go no further. */
const hoursMax = 24;

function readerStillMsOf(text: string): number {
  const [, hours = "0", minutes = "0", seconds = "0"] =
    /^PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?$/.exec(text) ?? [];
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  if (ms > 0 && ms <= hoursMax * 3_600_000) return ms;
  throw new SettingsFault(
    `CISTERN_GATEWAY_READER_TIMEOUT is ${JSON.stringify(text)}; it must be a duration such as PT5M, of at most ${hoursMax} hours.`,
  );
}

function flagOf(name: string, value: (name: string) => string | undefined): boolean {
  const text = value(name) ?? "0";
  if (text === "1" || text === "0") return text === "1";
  throw new SettingsFault(`${name} is ${JSON.stringify(text)}; it must be 1 or 0.`);
}

function daysOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9][0-9]{0,3}$/.test(text))
    return text === undefined ? undefined : Number(text);
  throw new SettingsFault(
    `CISTERN_OBSERVATION_DAYS is ${JSON.stringify(text)}; it must be a number of days from 1 to 9999.`,
  );
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535)
    throw new SettingsFault(
      `PORT is ${JSON.stringify(text)}; it must be a number from 0 (any free port) to 65535.`,
    );
  return port;
}

function apiKeyOf(text: string | undefined): string | undefined {
  if (text === undefined || (/^[!-~]+$/.test(text) && text.length <= apiKeyCharactersMax))
    return text;
  throw new SettingsFault(
    `CISTERN_API_KEY must be 1 to ${apiKeyCharactersMax} visible ASCII characters without spaces.`,
  );
}

function logLevelOf(text: string): string {
  if (logLevels.includes(text)) return text;
  throw new SettingsFault(
    `CISTERN_LOG is ${JSON.stringify(text)}; it must be one of ${logLevels.join(", ")}.`,
  );
}
