import { readFileSync } from "node:fs";

const packageFile = new URL("../../package.json", import.meta.url);

/** This build's version, from the package that it stands in: the same from source and from what is published. */
export function readVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(packageFile, "utf8"));
  return version;
}
