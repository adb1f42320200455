import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsFault, readSettings } from "../../src/host/index.ts";

const readerStillMs = (text: string) =>
  readSettings({ CISTERN_GATEWAY_READER_TIMEOUT: text }).readerStillMs;

test("a reader of the gateway may stand still for five minutes, or as long as the environment says", () => {
  assert.equal(readerStillMs(""), 300_000);
  assert.equal(readerStillMs("PT30S"), 30_000);
  assert.equal(readerStillMs("PT1H30M"), 5_400_000);
});

test("a time that is none, or longer than a day, is refused at the start", () => {
  for (const text of ["5", "PT", "PT0S", "PT25H", "P1D", "PT5M "])
    assert.throws(() => readerStillMs(text), SettingsFault, text);
});
