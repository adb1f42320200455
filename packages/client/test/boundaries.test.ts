import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { limits } from "@cistern/contract";
import { serverBounds } from "../src/bounds.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));

async function importsOf(file: string): Promise<readonly string[]> {
  const text = await readFile(join(source, file), "utf8");
  return [...text.matchAll(/^(?:import|export) (?!type)[^;]*? from "([^"]+)"/gm)].map(
    (match) => match[1] ?? "",
  );
}

test("the core runs wherever fetch does: it takes nothing of Node and no package at run time", async () => {
  const files = await readdir(source, { recursive: true });
  const ofNode = ["node-journal", "scope"];
  const isCore = (file: string): boolean => !ofNode.some((part) => file.startsWith(`${part}/`));
  const core = files.filter((file) => file.endsWith(".ts") && isCore(file));
  assert.ok(core.length > 10);
  for (const file of core)
    for (const name of await importsOf(file))
      assert.ok(name.startsWith("."), `${file} imports ${name}`);
  for (const file of core)
    for (const part of ofNode)
      assert.ok(!(await importsOf(file)).some((name) => name.includes(`/${part}/`)), file);
});

test("the bounds that the client keeps to are the server's", () => {
  assert.equal(serverBounds.batchOperationsMax, limits.batchOperationsMax);
  assert.equal(serverBounds.bodyBytesMax, limits.bodyBytesMax);
});
