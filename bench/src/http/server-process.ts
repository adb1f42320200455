/** A Cistern server in a process of its own, as `cistern serve` runs it, with an empty route beside the contract's. */
import { colonPath, routes } from "@cistern/contract";
import { readSettings } from "../../../packages/server/src/host/index.ts";
import { type ServeOptions, type Server, serve } from "../../../packages/server/src/server.ts";
import { emptyResource } from "./job.ts";

type App = Parameters<NonNullable<ServeOptions["extend"]>>[0];
type Keys = Server["node"]["parts"]["keys"];

const server: Server = await serve(readSettings(process.env), {
  extend: (app) => addEmptyRoute(app, () => server.node.parts.keys),
});
process.send?.(JSON.stringify({ url: server.url }));

let cpuBefore = process.cpuUsage();
process.on("message", (message) => {
  if (message === "stop") {
    void server.stop().then(() => process.exit());
    return;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  cpuBefore = process.cpuUsage();
  process.send?.(JSON.stringify({ cpuMs: (user + system) / 1000 }));
});
process.on("disconnect", () => void server.stop().then(() => process.exit()));

/** The two requests of a pair, checked like a hold's and a settle's, by handlers that do nothing. */
function addEmptyRoute(app: App, keys: () => Keys): void {
  for (const { path, body } of [routes.openHold, routes.settleHold])
    app.route<{ Params: { hold?: string } }>({
      method: "POST",
      url: colonPath(path).replace("/holds", `/${emptyResource}`),
      schema: { body, hide: true },
      onRequest: (request, reply, done) => {
        const secret = request.headers.authorization?.slice("Bearer ".length) ?? "";
        const admit = (key: Awaited<ReturnType<Keys["authenticate"]>>) => {
          if (key?.scopes.has("admin") === true) done();
          else void reply.code(401).send();
        };
        const key = keys().authenticate(secret);
        if (key instanceof Promise) key.then(admit, done);
        else admit(key);
      },
      handler: (request, reply) => {
        void reply.send({ id: request.params.hold ?? "hld_empty" });
      },
    });
}
