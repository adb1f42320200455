/** The page about the gateway: its settings and both of its commands run as they stand, with a stand-in where the provider would be. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { answering, startProvider } from "../../packages/client/test/collectors/provider.ts";
import { readSettings } from "../../packages/server/src/host/index.ts";
import { eventually, startApi, workspaceWith } from "../../packages/server/test/api/api-server.ts";

const page = await readFile(join(import.meta.dirname, "../../docs/gateway.md"), "utf8");
const snippets = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, text = ""]) => text,
  );

test("the providers that the page names are read as it says", () => {
  const [settings = ""] = snippets("json");
  const env = { OPENAI_API_KEY: "sk-1", ANTHROPIC_API_KEY: "sk-2", CISTERN_GATEWAY: settings };
  const { upstreams } = readSettings(env);
  deepStrictEqual(
    [...upstreams.values()],
    [
      { name: "openai", url: "https://api.openai.com", key: "sk-1", keyHeader: "bearer" },
      { name: "anthropic", url: "https://api.anthropic.com", key: "sk-2", keyHeader: "x-api-key" },
      { name: "mine", url: "http://127.0.0.1:8000", key: undefined, keyHeader: "bearer" },
    ],
  );
});

test("a key is made and a model called by the commands of the page", async () => {
  const message = { role: "assistant", content: "Hello." };
  await using provider = await startProvider(
    answering({
      id: "chatcmpl-1",
      model: "gpt-5",
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: { prompt_tokens: 9, completion_tokens: 4 },
    }),
  );
  const api = await startApi({
    CISTERN_GATEWAY: JSON.stringify({ openai: { url: provider.url, key: "sk-of-the-vendor" } }),
  });
  await workspaceWith(api, "acme", "100");
  const [makeKey = "", call = ""] = snippets("sh");
  const run = async (command: string, env: Readonly<Record<string, string>>): Promise<string> => {
    const here = command.replaceAll("http://127.0.0.1:4200", api.url);
    const { stdout } = await promisify(execFile)("sh", ["-c", here], {
      env: { ...process.env, ...env },
    });
    return stdout;
  };
  const made = await run(makeKey, { CISTERN_API_KEY: api.key });
  const secret = /"key":"(cst_\w+)"/.exec(made)?.[1] ?? "";
  match(secret, /^cst_/);
  match(await run(call, { GATEWAY_KEY: secret }), /Hello\./);
  const usage = await eventually(
    () => api.get("/v1/workspaces/acme/usage"),
    (reply) => reply.rows().length === 1,
  );
  strictEqual(usage.at("data.0.member"), "ana");
  deepStrictEqual(usage.at("data.0.usage"), { input_text: 9, output_text: 4 });
});
