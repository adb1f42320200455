import { deepStrictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
}).split("\n");
const source = files.filter((file) =>
  /^(packages|simulator|bench|examples|tools)\/.*\.(ts|mjs)$/.test(file),
);

test("no file or folder is named for what has no name: utils, helpers, common, misc", () => {
  const vague = source.filter((file) =>
    /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\/|\.|-|$)/.test(file),
  );
  deepStrictEqual(vague, []);
});

test("no name carries a version: the old way dies with the commit that brings the new one", () => {
  deepStrictEqual(
    source.filter((file) => /(-v\d+|-new|-old|legacy|deprecated)(\/|\.|-|$)/.test(file)),
    [],
  );
});

test("a decision's heading has the number of its file", () => {
  const decisions = files.filter((file) => /^docs\/decisions\/\d{4}-/.test(file));
  const wrong = decisions.filter((file) => {
    const [heading = ""] = readFileSync(join(root, file), "utf8").split("\n");
    const number = /^docs\/decisions\/(\d+)/.exec(file)?.[1] ?? "";
    return Number(/^# ([1-9]\d*)\. /.exec(heading)?.[1]) !== Number(number);
  });
  deepStrictEqual(wrong, []);
});

test("every part of the server is entered through its index", () => {
  const parts = new Set(
    source.flatMap((file) => /^packages\/server\/src\/([a-z]+)\//.exec(file)?.[1] ?? []),
  );
  const entered = [...parts].filter(
    (part) => part === "cli" || source.includes(`packages/server/src/${part}/index.ts`),
  );
  deepStrictEqual(entered, [...parts]);
});
