import { memoryStore } from "../../src/journal/index.ts";
import { type OpenStores, testEngine } from "./engine-suite.ts";
import { testRenewals } from "./renewals.ts";

const open: OpenStores = async (count) => Array(count).fill(memoryStore());
testEngine("memory", open);
testRenewals("memory", open);
