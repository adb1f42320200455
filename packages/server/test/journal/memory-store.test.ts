import { memoryStore } from "../../src/journal/index.ts";
import { testStore } from "./store-suite.ts";

testStore("memory", async (count) => {
  const store = memoryStore();
  return Array.from({ length: count }, () => store);
});
