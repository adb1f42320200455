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
      readonly stream: string;
      /** Files of PEM; left out: TLS only where the server wants it. */
      readonly tls?: {
        readonly caFile?: string;
        readonly certFile?: string;
        readonly keyFile?: string;
      };
      readonly login?: NatsLogin;
    };

/** Who we are to NATS. */
type NatsLogin =
  | { readonly kind: "user"; readonly user: string; readonly password: string }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "nkey" | "creds"; readonly file: string };

const variable = "CISTERN_SINKS";
const forms =
  "stdout, file:FOLDER or nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT]/STREAM[?server=HOST:PORT][&creds=FILE|&nkey=FILE] (tls:// for TLS, with [&ca=FILE][&cert=FILE&key=FILE]), each with NAME= before it where there are two of a kind";
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
  const { pathname, searchParams } = url;
  if (!streamPattern.test(pathname))
    throw refused(text, "does not end in the name of a stream, 1 to 32 letters, digits, _ or -");
  for (const key of searchParams.keys())
    if (!natsSettings.includes(key)) throw refused(text, `has the unknown setting ${key}`);
  const tls = tlsOf(text, url);
  const login = loginOf(text, url);
  return {
    kind: "nats",
    name,
    servers: [`${url.hostname}:${url.port || portDefault}`, ...searchParams.getAll("server")],
    stream: pathname.slice(1),
    ...(tls === undefined ? {} : { tls }),
    ...(login === undefined ? {} : { login }),
  };
}

const natsSettings: readonly string[] = ["server", "creds", "nkey", "ca", "cert", "key"];

function tlsOf(text: string, { protocol, searchParams }: URL): NatsSettings["tls"] {
  const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((key) => searchParams.get(key));
  const files = {
    ...(caFile == null ? {} : { caFile }),
    ...(certFile == null ? {} : { certFile }),
    ...(keyFile == null ? {} : { keyFile }),
  };
  if (protocol === "tls:") {
    if ("certFile" in files !== "keyFile" in files)
      throw refused(text, "has one of cert and key; they go together");
    return files;
  }
  if (Object.keys(files).length > 0) throw refused(text, "has files for TLS, which needs tls://");
  return undefined;
}

/** A user without a password is a token, as NATS itself writes it. */
function loginOf(text: string, { username, password, searchParams }: URL): NatsSettings["login"] {
  const logins: NatsLogin[] = [];
  if (username !== "" && password === "")
    logins.push({ kind: "token", token: decodeURIComponent(username) });
  if (password !== "")
    logins.push({
      kind: "user",
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    });
  for (const kind of ["creds", "nkey"] as const)
    for (const file of searchParams.getAll(kind)) logins.push({ kind, file });
  if (logins.length > 1)
    throw refused(
      text,
      `says ${logins.length} times who we are: ${logins.map(({ kind }) => kind).join(" and ")}`,
    );
  return logins[0];
}

type NatsSettings = SinkSettings & { readonly kind: "nats" };

/** A password is not repeated. */
function refused(text: string, what: string): SettingsFault {
  const shown = text.replace(/\/\/.*@/, "//…@");
  return new SettingsFault(`${variable}: ${JSON.stringify(shown)} ${what}. A sink is ${forms}.`);
}
