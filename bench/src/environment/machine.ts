import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

/** Where a run took place: absolute figures compare only with those of the same machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** Null where no `redis-server` was on the PATH. */
  readonly redis: string | null;
}

export function describeMachine(versions: {
  postgres: string;
  redis: string | undefined;
}): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    postgres: versions.postgres,
    redis: versions.redis ?? null,
  };
}
