/**
 * Which Cistern process owns a data folder. Owns `<folder>/owners/`: one empty file per process that wants the folder, named
 * by pid and life; the file of the owner says "owner".
 *
 * O1 at most one living process owns a folder. O2 a dead process owns nothing: no clean-up is needed after SIGKILL, since a
 * claim counts only while its very process lives. O3 a claim's name is never used twice, so a dead one may be removed by anyone.
 *
 * Whoever wants the folder writes a claim first and looks second, so of two at least one sees the other (Lamport's bakery).
 * If both see each other, the one with the smaller name stays and the other withdraws.
 */
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DatabaseFault, errorCode } from "../database-fault.ts";
import type { Host } from "../host.ts";
import { processLife } from "./process-identity.ts";

const pauseMs = 5;
const roundsMax = 2_000;

/** A folder that is ours until `release`, or until this process dies. */
export interface Ownership {
  release(): Promise<void>;
}

/** Takes the folder, or throws `in_use` naming the process that has it. */
export async function takeOwnership(host: Host, folder: string): Promise<Ownership> {
  const owners = join(folder, "owners");
  await mkdir(owners, { recursive: true, mode: 0o700 });
  const life = await processLife(host, host.pid);
  if (life === undefined) throw new Error(`Process ${host.pid} (this one) is not alive`);
  let mine = await writeClaim(owners, host.pid, life, 1);
  try {
    for (let round = 0; round < roundsMax; round += 1) {
      const others = await livingClaims(host, owners, mine.name);
      const owner = others.find((claim) => claim.isOwner);
      if (owner !== undefined) throw inUse(folder, owner.pid);
      if (others.length === 0) {
        const { path } = mine;
        await writeFile(path, "owner");
        return { release: () => rm(path, { force: true }) };
      }
      if (others.some((claim) => claim.name < mine.name)) {
        await rm(mine.path, { force: true });
        await wait(pauseMs * 2);
        mine = await writeClaim(owners, host.pid, life, mine.turn + 1);
      } else await wait(pauseMs);
    }
    throw new DatabaseFault(
      "in_use",
      `Other processes keep claiming ${folder}. Start one at a time.`,
    );
  } catch (error) {
    await rm(mine.path, { force: true });
    throw error;
  }
}

function inUse(folder: string, pid: number): DatabaseFault {
  return new DatabaseFault(
    "in_use",
    `${folder} is already in use by process ${pid}; stop that process, give this one another folder in CISTERN_DATA, or, for a command that takes --url, name the server that runs on it: --url http://127.0.0.1:4200.`,
  );
}

interface Claim {
  readonly name: string;
  readonly pid: number;
  readonly isOwner: boolean;
}

async function writeClaim(owners: string, pid: number, life: string, firstTurn: number) {
  for (let turn = firstTurn; ; turn += 1) {
    const name = `${pid}-${life}-${turn}`;
    const path = join(owners, name);
    try {
      await (await open(path, "wx", 0o600)).close();
      return { name, path, turn };
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

async function livingClaims(host: Host, owners: string, mine: string): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const name of await readdir(owners)) {
    const [pid, life] = name.split("-");
    if (name === mine || pid === undefined || life === undefined) continue;
    const path = join(owners, name);
    if ((await processLife(host, Number(pid))) !== life) await rm(path, { force: true });
    else {
      const text = await readFile(path, "utf8").catch(withdrawn);
      if (text !== undefined) claims.push({ name, pid: Number(pid), isOwner: text !== "" });
    }
  }
  return claims;
}

function withdrawn(error: unknown): undefined {
  if (errorCode(error) !== "ENOENT") throw error;
}
