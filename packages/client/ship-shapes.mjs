// After the build: the contract's plain shapes go into this package's own `dist`, so that its types need no other package installed.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

const contract = dirname(createRequire(import.meta.url).resolve("@cistern/contract"));
const shipped = "dist/contract";

mkdirSync(shipped, { recursive: true });
const copied = new Set();
const copy = (file) => {
  if (copied.has(file)) return;
  copied.add(file);
  const text = readFileSync(join(contract, file), "utf8");
  if (text.includes("typebox")) throw new Error(`${file} is no plain shape: it imports TypeBox.`);
  writeFileSync(join(shipped, file), text);
  for (const [, name] of text.matchAll(/from "\.\/([^"]+)\.[jt]s"/g)) copy(`${name}.d.ts`);
};
copy("shapes.d.ts");

for (const entry of readdirSync("dist", { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith(".d.ts") || entry.parentPath.startsWith(shipped)) continue;
  const file = join(entry.parentPath, entry.name);
  const shapes = relative(dirname(file), join(shipped, "shapes.js"));
  const specifier = shapes.startsWith(".") ? shapes : `./${shapes}`;
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll('"@cistern/contract"', JSON.stringify(specifier)));
}
