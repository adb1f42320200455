import { memoryStore } from "../../src/journal/index.ts";
import { testEngine } from "./engine-suite.ts";

testEngine("memory", async (count) => Array(count).fill(memoryStore()));
