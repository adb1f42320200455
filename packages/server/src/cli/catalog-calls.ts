/** Owns how commands that need more than the catalog call the API: that of a running server, or in this process, on its database. */
import { ProblemSchema } from "@cistern/contract";
import { Check } from "typebox/value";
import { createOperations, resultOf } from "../api/index.ts";
import { builtInCatalog, readCatalog } from "../catalog/index.ts";
import { host } from "../in-process.ts";
import { readSettings } from "../host/index.ts";
import { openNode } from "../open-node.ts";
import { platform } from "../server.ts";
import { type CallServer, ServerFault, refusedBy, serverCalls } from "./catalog-server.ts";

/** Left out: the database of `DATABASE_URL`, or the embedded one. */
export interface Place {
  readonly url?: string;
  readonly key?: string;
}

/** Works with the API at a place. */
export async function withCalls(
  { url, key }: Place,
  work: (call: CallServer) => Promise<void>,
): Promise<void> {
  if (url !== undefined && url !== "") return await work(serverCalls({ url, key }));
  const tell = (message: string): boolean => process.stderr.write(`cistern: ${message}\n`);
  const catalog = readCatalog(builtInCatalog, "The built-in catalog");
  const log = ({ level, message }: { level: string; message: string }): void => {
    if (level !== "info") tell(message);
  };
  const { databaseUrl, folder } = readSettings(process.env);
  const node = await openNode({ databaseUrl, folder, catalog, log }, platform);
  const { dispatch } = createOperations(node.parts, (fault) => tell(String(fault)));
  try {
    await work(async (method, path, schema, body) => {
      const answer = resultOf(await dispatch({ method, path, body: asJson(body) }, host));
      const value: unknown = asJson(answer.body);
      if (answer.status < 300 && Check(schema, value)) return value;
      if (Check(ProblemSchema, value)) throw refusedBy(value, "Cistern");
      throw new ServerFault(`${method} ${path} gave ${answer.status}.`);
    });
  } finally {
    await node.close();
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
