/** Owns: which protocol a request to a provider is in. */
import type { Dialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat.ts";

export type { Dialect } from "./dialect.ts";

/** All protocols that are metered, the more particular path first. */
const dialects: readonly Dialect[] = [openaiChat];

/** The protocol of a POST to this path; undefined: none that is metered. */
export function dialectOf(path: string): Dialect | undefined {
  const known = path.toLowerCase();
  return dialects.find((dialect) => dialect.speaks(known));
}
