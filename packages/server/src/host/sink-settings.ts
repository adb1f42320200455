/** Owns how sinks are written in the environment: `CISTERN_SINKS=stdout,file:./events,billing=nats://127.0.0.1:4222/cistern`. */
import { SettingsFault } from "./settings-fault.ts";

/** A sink that is asked for. What it has had is kept under `name`. */
export type SinkSettings =
  | { readonly kind: "stdout"; readonly name: string }
  | { readonly kind: "file"; readonly name: string; readonly folder: string }
  | {
      readonly kind: "nats";
      readonly name: string;
      /** Such as `127.0.0.1:4222`. */
      readonly servers: readonly string[];
      readonly isTls: boolean;
      readonly stream: string;
      readonly user?: string;
      readonly password?: string;
      readonly credentialsFile?: string;
    };

const variable = "CISTERN_SINKS";
const forms =
  "stdout, file:FOLDER or nats://[USER:PASSWORD@]HOST[:PORT]/STREAM[?server=HOST:PORT][&creds=FILE] (tls:// for TLS), each with NAME= before it where there are two of a kind";
const namePattern = /^([a-z0-9][a-z0-9-]{0,31})=(.*)$/;
const streamPattern = /^\/[A-Za-z0-9_-]{1,32}$/;
const portDefault = "4222";

/**
 * Reads the list; no text is no sink.
 *
 * @example readSinks("stdout,archive=file:/var/lib/events")
 * @throws SettingsFault
 */
export function readSinks(text: string | undefined): readonly SinkSettings[] {
  const sinks = (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map(readSink);
  for (const { name } of sinks)
    if (sinks.filter((one) => one.name === name).length > 1)
      throw new SettingsFault(
        `${variable} has two sinks that are called ${name}. Write NAME= before one of them: what a sink has had is kept under its name.`,
      );
  return sinks;
}

function readSink(text: string): SinkSettings {
  const [, name, named] = namePattern.exec(text) ?? [];
  const target = named ?? text;
  if (target === "stdout") return { kind: "stdout", name: name ?? "stdout" };
  if (target.startsWith("file:")) {
    const folder = target.slice("file:".length);
    if (folder === "") throw refused(text, "names no folder");
    return { kind: "file", name: name ?? "file", folder };
  }
  if (/^(nats|tls):\/\//.test(target)) return readNats(text, name ?? "nats", target);
  throw refused(text, "is no sink");
}

function readNats(text: string, name: string, target: string): SinkSettings {
  const url = URL.parse(target);
  if (url === null || url.hostname === "") throw refused(text, "is no URL with a host");
  const { username, password, pathname, searchParams } = url;
  if (!streamPattern.test(pathname))
    throw refused(text, "does not end in the name of a stream, 1 to 32 letters, digits, _ or -");
  for (const key of searchParams.keys())
    if (key !== "server" && key !== "creds") throw refused(text, `has the unknown setting ${key}`);
  const credentialsFile = searchParams.get("creds");
  return {
    kind: "nats",
    name,
    servers: [`${url.hostname}:${url.port || portDefault}`, ...searchParams.getAll("server")],
    isTls: url.protocol === "tls:",
    stream: pathname.slice(1),
    ...(username === ""
      ? {}
      : { user: decodeURIComponent(username), password: decodeURIComponent(password) }),
    ...(credentialsFile === null ? {} : { credentialsFile }),
  };
}

/** A password is not repeated. */
function refused(text: string, what: string): SettingsFault {
  const shown = text.replace(/\/\/.*@/, "//…@");
  return new SettingsFault(`${variable}: ${JSON.stringify(shown)} ${what}. A sink is ${forms}.`);
}
