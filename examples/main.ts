/** Runs every example, or those that are named, one after the other: `npm run examples -- pooled seats`. */
export const examples = [
  "pooled",
  "tiers",
  "seats",
  "consumption",
  "outcomes",
  "mixed",
  "hog",
  "history",
] as const;

if (import.meta.main) {
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !examples.some((one) => one === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `There is no example ${unknown.join(", ")}; there are ${examples.join(", ")}.\n`,
    );
    process.exit(2);
  }
  // Each has a database of its own: a workspace cannot be made twice.
  delete process.env["DATABASE_URL"];
  for (const name of examples) {
    if (named.length > 0 && !named.includes(name)) continue;
    await import(`./${name}.ts`);
    console.log("");
  }
}
