import { parseInstant } from "@cistern/contract";
import { InvalidArgumentError } from "commander";

/** An instant as an option's value: RFC 3339, in UTC. */
export function instantArgument(text: string): number {
  try {
    return parseInstant(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
