/** What a node answers while its database cannot be reached: 503 and when to come back, never a fault of its own. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { after, test } from "node:test";
import { type Route, routes } from "@cistern/contract";
import { freshDatabase } from "../fresh-database.ts";
import { startApi, workspaceWith } from "./api-server.ts";

/** A way to the database that can be cut. */
async function cuttable(to: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    // The tests' own listens on a socket in its folder.
    const far = connect(`${to.searchParams.get("host") ?? ""}/.s.PGSQL.${to.port}`);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port }: AddressInfo = addressOf(server.address());
  const url = new URL(to);
  url.hostname = "127.0.0.1";
  url.port = `${port}`;
  url.searchParams.delete("host");
  const cut = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  after(() => (server.listening ? cut() : undefined));
  return { url: url.href, cut };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  assert.ok(address !== null && typeof address === "object");
  return address;
}

const database = await freshDatabase();
const way = await cuttable(new URL(database.url));
const api = await startApi({ DATABASE_URL: way.url });
await workspaceWith(api, "acme", "1000");

test("while the database is away every question is answered from memory or with 503, and none with a fault", async () => {
  await api.put("/v1/consumers/ledger", {});
  await way.cut();
  const answers = await Promise.all(
    Object.values<Route>(routes)
      // Whether it is away is what `/readyz` is asked for.
      .filter(({ method, path }) => method === "GET" && path !== "/readyz")
      .map(async ({ path }) => {
        const asked = path.replace("{workspace}", "acme").replaceAll(/\{\w+\}/g, "ledger");
        const { status, headers } = await api.get(asked);
        return { asked, status, retryAfter: headers.get("retry-after") };
      }),
  );
  const faults = answers.filter(({ status, retryAfter }) =>
    status === 503 ? retryAfter === null : status >= 500,
  );
  assert.deepEqual(faults, []);
  assert.ok(answers.some(({ status }) => status === 503));
});

test("and every change that the database would have to keep", async () => {
  const url = "https://hooks.example.com/cistern";
  const changes = [
    await api.post("/v1/workspaces/acme/grants", { credits: "1", source: "purchase" }),
    await api.post("/v1/workspaces/acme/holds", { member: "ana", credits: "1" }),
    await api.put("/v1/consumers/other", {}),
    await api.put("/v1/webhooks/hook", { url }),
    await api.post("/v1/keys", { name: "other", scopes: ["read"] }),
  ];
  assert.deepEqual(
    changes.map(({ status, body }) => [status, body["code"]]),
    changes.map(() => [503, "enforcement_unavailable"]),
  );
});
