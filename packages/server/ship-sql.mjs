// After the build: the compiler leaves migrations behind, so they go beside the code that reads them.
import { cpSync } from "node:fs";

cpSync("src", "dist", {
  recursive: true,
  filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith(".sql"),
});
