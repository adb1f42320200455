/** Owns which providers the gateway reaches, and with which keys. A fault in it is told when the process starts. */
import { SettingsFault } from "./settings-fault.ts";

/** How a provider wants its key: `bearer` in `Authorization`, else the header of this name. */
type KeyHeader = "bearer" | "x-api-key" | "x-goog-api-key" | "api-key";

/** A provider. */
export interface Upstream {
  /** As it stands in the gateway's path: `/gateway/openai/…`. */
  readonly name: string;
  /** What the rest of the path is put after. */
  readonly url: string;
  readonly key: string | undefined;
  readonly keyHeader: KeyHeader;
}

/** What is known of a provider by its name. */
const presets: Readonly<Record<string, Pick<Upstream, "url" | "keyHeader">>> = {
  openai: { url: "https://api.openai.com", keyHeader: "bearer" },
  anthropic: { url: "https://api.anthropic.com", keyHeader: "x-api-key" },
  google: { url: "https://generativelanguage.googleapis.com", keyHeader: "x-goog-api-key" },
};

const keyHeaders: readonly string[] = ["bearer", "x-api-key", "x-goog-api-key", "api-key"];
const fields: readonly string[] = ["url", "key", "keyEnv", "keyHeader"];
const example = `{"openai":{"keyEnv":"OPENAI_API_KEY"}}`;

/**
 * Reads `CISTERN_GATEWAY`: JSON of providers by name, each with `url` and `keyHeader` (known for openai, anthropic and google), and `keyEnv`, the
 * variable with its key, or `key` itself.
 *
 * @example readUpstreams('{"openai":{"keyEnv":"OPENAI_API_KEY"}}', process.env)
 * @throws SettingsFault
 */
export function readUpstreams(
  text: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, Upstream> {
  if (text === undefined) return new Map();
  const read = parsed(text);
  if (!isRecord(read)) throw fault(`is no JSON object of providers, such as ${example}`);
  return new Map(Object.entries(read).map(([name, said]) => [name, upstreamOf(name, said, env)]));
}

function upstreamOf(
  name: string,
  said: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Upstream {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    throw fault(`names a provider ${JSON.stringify(name)}: take a-z, 0-9 and "-"`);
  if (!isRecord(said)) throw fault(`says no object for ${name}`);
  const unknown = Object.keys(said).find((field) => !fields.includes(field));
  if (unknown !== undefined)
    throw fault(`says ${name}.${unknown}; it may say ${fields.join(", ")}`);
  const preset = presets[name];
  const url = textOf(said["url"] ?? preset?.url, `${name}.url`);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw fault(`says ${name}.url ${JSON.stringify(url)}, which is no http or https URL`);
  const keyHeader = said["keyHeader"] ?? preset?.keyHeader ?? "bearer";
  if (!isKeyHeader(keyHeader))
    throw fault(`says ${name}.keyHeader; it must be one of ${keyHeaders.join(", ")}`);
  return { name, url: url.replace(/\/+$/, ""), key: keyOf(name, said, env), keyHeader };
}

/** A provider on one's own machine needs none. */
function keyOf(
  name: string,
  { key, keyEnv }: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (keyEnv === undefined) return key === undefined ? undefined : textOf(key, `${name}.key`);
  const variable = textOf(keyEnv, `${name}.keyEnv`);
  const value = env[variable];
  if (value === undefined || value === "")
    throw fault(`takes the key of ${name} from ${variable}, which is not set`);
  return value;
}

function textOf(value: unknown, place: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw fault(`says no text for ${place}`);
}

function fault(message: string): SettingsFault {
  return new SettingsFault(`CISTERN_GATEWAY ${message}.`);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKeyHeader(value: unknown): value is KeyHeader {
  return typeof value === "string" && keyHeaders.includes(value);
}
