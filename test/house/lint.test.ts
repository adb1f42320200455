import { deepStrictEqual, ok } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { mayImport } from "../../tools/dependency-order.ts";

/**
 * The linter is our guard of the dependency order and of the hard rules; a pattern that it cannot compile is dropped without
 * a word. So one breach of every rule is planted in a copy of the house, and each has to be found.
 */
const root = join(import.meta.dirname, "../..");
const house = mkdtempSync(join(tmpdir(), "cistern-lint-"));
let found: ReadonlyMap<string, readonly string[]> = new Map();

const packages = ["@cistern/kernel", "@cistern/contract", "@cistern/client", "cistern"];
const parts = Object.keys(mayImport).flatMap(
  (folder) => folder.split("packages/server/src/")[1] ?? [],
);

interface Breach {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const orderBreaches: readonly Breach[] = Object.entries(mayImport).flatMap(([folder, allowed]) => {
  const forbidden = packages.filter(
    (name) => !allowed.includes(name) && !allowed.includes(`type ${name}`),
  );
  const fromPackages = forbidden.map((name, index) => ({
    file: `${folder}/planted-package-${index}.ts`,
    text: `import { a } from "${name}";\nconsole.log(a);\n`,
  }));
  const own = folder.split("packages/server/src/")[1];
  const fromParts =
    own === undefined
      ? []
      : parts
          .filter((part) => part !== own)
          .map((part) => ({
            file: `${folder}/planted-part-${part}.ts`,
            text: allowed.includes(part)
              ? `import { a } from "../${part}/inside.ts";\nconsole.log(a);\n`
              : `import { a } from "../${part}/index.ts";\nconsole.log(a);\n`,
          }));
  const sideways = {
    file: `${folder}/planted-sideways.ts`,
    text: `import { a } from "../../../kernel/src/index.ts";\nconsole.log(a);\n`,
  };
  const typesOnly = allowed
    .filter((name) => name.startsWith("type "))
    .map((name, index) => ({
      file: `${folder}/planted-value-${index}.ts`,
      text: `import { a } from "${name.slice(5)}";\nconsole.log(a);\n`,
    }));
  return [...fromPackages, ...fromParts, ...typesOnly, sideways].map((one) => ({
    ...one,
    rule: "no-restricted-imports",
  }));
});

const kernel = (name: string, text: string, rule: string): Breach => ({
  file: `packages/kernel/src/planted-${name}.ts`,
  text,
  rule,
});

const ruleBreaches: readonly Breach[] = [
  kernel(
    "node",
    `import { readFileSync } from "node:fs";\nconsole.log(readFileSync);\n`,
    "no-restricted-imports",
  ),
  kernel("date", "export const now = (): number => Date.now();\n", "no-restricted-globals"),
  kernel(
    "intl",
    "export const zone = (): unknown => Intl.DateTimeFormat();\n",
    "no-restricted-globals",
  ),
  kernel("global", "export const all = (): unknown => globalThis;\n", "no-restricted-globals"),
  kernel(
    "chance",
    "export const chance = (): number => Math.random();\n",
    "no-restricted-properties",
  ),
  kernel("bang", "export const f = (a?: string): string => a!;\n", "no-non-null-assertion"),
  kernel(
    "cast",
    "export const f = (a: unknown): string => a as string;\n",
    "consistent-type-assertions",
  ),
  kernel("any", "export const f = (a: any): unknown => a;\n", "no-explicit-any"),
  kernel("default", "const a = 1;\nexport default a;\n", "no-default-export"),
  kernel("namespace", "export namespace A {\n  export const a = 1;\n}\n", "no-namespace"),
  kernel(
    "switch",
    'export function f(a: "x" | "y"): number {\n  switch (a) {\n    case "x":\n      return 1;\n  }\n  return 0;\n}\n',
    "switch-exhaustiveness-check",
  ),
  kernel(
    "cycle-a",
    'import { b } from "./planted-cycle-b.ts";\nexport const a = (): unknown => b;\n',
    "no-cycle",
  ),
  kernel(
    "cycle-b",
    'import { a } from "./planted-cycle-a.ts";\nexport const b = (): unknown => a;\n',
    "no-cycle",
  ),
  {
    file: "packages/server/src/engine/planted-clock.ts",
    text: "export const now = (): number => Date.now();\n",
    rule: "no-restricted-globals",
  },
  {
    file: "packages/server/src/engine/planted-promise.ts",
    text: "export function f(p: Promise<void>): void {\n  p;\n}\n",
    rule: "no-floating-promises",
  },
  {
    file: "packages/server/src/engine/PlantedCase.ts",
    text: "export const a = 1;\n",
    rule: "filename-case",
  },
];

before(() => {
  for (const name of ["oxlint.config.ts", "tsconfig.base.json", "package.json"])
    cpSync(join(root, name), join(house, name));
  cpSync(join(root, "tools"), join(house, "tools"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
  writeFileSync(join(house, ".gitignore"), "node_modules\n");
  for (const { file, text } of [...orderBreaches, ...ruleBreaches]) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  }
  for (const name of ["kernel", "contract", "client", "server"])
    writeFileSync(
      join(house, `packages/${name}/tsconfig.json`),
      JSON.stringify({
        extends: "../../tsconfig.base.json",
        compilerOptions: { noEmit: true },
        include: ["src"],
      }),
    );
  const run = spawnSync("oxlint", ["--format", "json", "packages", "examples"], {
    cwd: house,
    encoding: "utf8",
  });
  found = rulesByFile(run.stdout);
});

after(() => rmSync(house, { recursive: true, force: true }));

function rulesByFile(output: string): ReadonlyMap<string, readonly string[]> {
  const report: { diagnostics: { filename: string; code: string }[] } = JSON.parse(output);
  const rules = new Map<string, string[]>();
  for (const { filename, code } of report.diagnostics)
    rules.set(filename, [...(rules.get(filename) ?? []), code]);
  return rules;
}

const missed = (breaches: readonly Breach[]): readonly string[] =>
  breaches
    .filter(({ file, rule }) => !(found.get(file) ?? []).some((code) => code.includes(rule)))
    .map(({ file, rule }) => `${file}: ${rule} was not found`);

test("the linter refuses every import against the dependency order", () => {
  ok(orderBreaches.length > 40, "the table has rows to plant");
  deepStrictEqual(missed(orderBreaches), []);
});

test("the linter refuses every breach of a hard rule", () => {
  deepStrictEqual(missed(ruleBreaches), []);
});
