import { createClient } from "redis";
import {
  type Call,
  grantedCredits,
  heldCredits,
  holdTtlMs,
  memberCap,
  memberName,
  membersPerWorkspace,
  settledCredits,
} from "../load/spender.ts";
import type { Rival } from "./rival.ts";

/** KEYS: key, pool, member, hold, expiries, ledger. ARGV: hold id, credits, minus credits, member id, expiry. */
const holdScript = `
local first = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'GET')
if first then return first end
if redis.call('HINCRBY', KEYS[2], 'available', ARGV[3]) < 0 then
  redis.call('HINCRBY', KEYS[2], 'available', ARGV[2])
  redis.call('DEL', KEYS[1])
  return redis.error_reply('POOL the pool has too few credits')
end
if redis.call('HINCRBY', KEYS[3], 'left', ARGV[3]) < 0 then
  redis.call('HINCRBY', KEYS[3], 'left', ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'available', ARGV[2])
  redis.call('DEL', KEYS[1])
  return redis.error_reply('CAP the member has reached the cap')
end
redis.call('SET', KEYS[4], ARGV[2] .. ' ' .. ARGV[4])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[1])
redis.call('XADD', KEYS[6], '*', 'hold', ARGV[1], 'credits', ARGV[2])
return ARGV[1]
`;

/** KEYS: hold, pool, expiries, ledger. ARGV: hold id, credits charged, prefix of the members' keys. */
const settleScript = `
local hold = redis.call('SET', KEYS[1], 'settled ' .. ARGV[2], 'XX', 'GET')
local credits, member = string.match(hold or '', '^(%d+) (.*)$')
if not credits then
  if hold then redis.call('SET', KEYS[1], hold) end
  return redis.error_reply('HOLD the hold is not open')
end
local returned = string.format('%.0f', tonumber(credits) - tonumber(ARGV[2]))
redis.call('HINCRBY', KEYS[2], 'available', returned)
redis.call('HINCRBY', KEYS[2], 'consumed', ARGV[2])
redis.call('HINCRBY', ARGV[3] .. member, 'left', returned)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('XADD', KEYS[4], '*', 'settle', ARGV[1], 'credits', ARGV[2])
return returned
`;

/**
 * The fast way: the pool lives in Redis, and a script makes each step atomic. Durable only where the log is synced with
 * every answer (`always`); under `everysec` a crash loses up to a second of acknowledged holds.
 */
export class RedisLuaRival implements Rival {
  readonly name: string;
  readonly connectionCounts = [1, 2, 4, 8];
  readonly tuning = [
    "a Unix socket; scripts are loaded once and called by their hash; the client pipelines by itself",
    "the count of connections is the best of a probe",
    "the client's timer for each command is off (its default costs a fifth of the speed)",
    "six commands in a script: SET NX GET finds and takes the key, HINCRBY checks and takes credits, a hold is one string",
    "the log is never rewritten and no snapshot is taken while it is measured; keys never expire",
  ];
  readonly #socketPath: string;
  #clients: RedisClient[] = [];
  #next = 0;
  #holdScript = "";
  #settleScript = "";

  constructor(name: "redis_always" | "redis_everysec", socketPath: string) {
    this.name = name;
    this.#socketPath = socketPath;
  }

  async prepare(workspaceId: string): Promise<void> {
    await this.connect(1);
    const client = this.#client();
    await client.hSet(poolKey(workspaceId), { available: String(grantedCredits), consumed: "0" });
    for (let index = 0; index < membersPerWorkspace; index += 1)
      await client.hSet(memberKey(workspaceId, memberName(index)), { left: String(memberCap) });
    this.#holdScript = await client.scriptLoad(holdScript);
    this.#settleScript = await client.scriptLoad(settleScript);
  }

  async connect(connections: number): Promise<void> {
    await this.close();
    for (let index = 0; index < connections; index += 1)
      this.#clients.push(await openClient(this.#socketPath));
  }

  async authorize(call: Call): Promise<string> {
    const holdId = `hld${call.key.slice(3)}`;
    const answer = await this.#client().sendCommand([
      "EVALSHA",
      this.#holdScript,
      "6",
      `{${call.workspaceId}}:k:${call.key}`,
      poolKey(call.workspaceId),
      memberKey(call.workspaceId, call.memberId),
      `{${call.workspaceId}}:h:${holdId}`,
      `{${call.workspaceId}}:expiries`,
      ledgerKey(call.workspaceId),
      holdId,
      String(heldCredits),
      String(-heldCredits),
      call.memberId,
      String(Date.now() + holdTtlMs),
    ]);
    if (typeof answer !== "string") throw new TypeError("The script answered no hold id");
    return answer;
  }

  async settle(workspaceId: string, holdId: string): Promise<void> {
    await this.#client().sendCommand([
      "EVALSHA",
      this.#settleScript,
      "4",
      `{${workspaceId}}:h:${holdId}`,
      poolKey(workspaceId),
      `{${workspaceId}}:expiries`,
      ledgerKey(workspaceId),
      holdId,
      String(settledCredits),
      memberKey(workspaceId, ""),
    ]);
  }

  async faults(workspaceId: string, pairs: number): Promise<readonly string[]> {
    const client = this.#client();
    const pool = await client.hGetAll(poolKey(workspaceId));
    let used = 0n;
    for (let index = 0; index < membersPerWorkspace; index += 1) {
      const left = await client.hGet(memberKey(workspaceId, memberName(index)), "left");
      used += memberCap - BigInt(left ?? 0);
    }
    const consumed = settledCredits * BigInt(pairs);
    const expected: readonly (readonly [string, bigint, bigint])[] = [
      ["available", BigInt(pool["available"] ?? -1), grantedCredits - consumed],
      ["consumed", BigInt(pool["consumed"] ?? -1), consumed],
      ["used by members", used, consumed],
      ["holds waiting for expiry", BigInt(await client.zCard(`{${workspaceId}}:expiries`)), 0n],
      ["ledger entries", BigInt(await client.xLen(ledgerKey(workspaceId))), BigInt(pairs) * 2n],
    ];
    return expected
      .filter(([, found, right]) => found !== right)
      .map(([what, found, right]) => `${what}: ${found} instead of ${right}`);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#clients = [];
  }

  #client(): RedisClient {
    this.#next = (this.#next + 1) % this.#clients.length;
    const client = this.#clients[this.#next];
    if (client === undefined) throw new Error(`${this.name} has no open connection`);
    return client;
  }
}

type RedisClient = Awaited<ReturnType<typeof openClient>>;

async function openClient(socketPath: string) {
  const client = createClient({
    socket: { path: socketPath, tls: false },
    RESP: 3,
    commandOptions: { timeout: 0 },
  });
  client.on("error", (error) => {
    console.error("Redis:", error);
  });
  await client.connect();
  return client;
}

function poolKey(workspaceId: string): string {
  return `{${workspaceId}}:pool`;
}

function memberKey(workspaceId: string, memberId: string): string {
  return `{${workspaceId}}:m:${memberId}`;
}

function ledgerKey(workspaceId: string): string {
  return `{${workspaceId}}:ledger`;
}
