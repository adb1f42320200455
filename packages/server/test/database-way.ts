import { type Socket, connect, createServer } from "node:net";
import { after } from "node:test";
import { Client } from "pg";

/** A way to a database that can be closed, so that it is away for whoever goes by it alone. */
export interface DatabaseWay {
  readonly url: string;
  /** Breaks the connections that go by it, and takes no more until it is opened. */
  close(): void;
  open(): void;
}

/** Opens a way; it is closed after the file. */
export async function wayToDatabase(url: string): Promise<DatabaseWay> {
  const target = new Client({ connectionString: url });
  const { host, port } = target;
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) return void near.destroy();
    const far = host.startsWith("/")
      ? connect({ path: `${host}/.s.PGSQL.${port}` })
      : connect({ host, port });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  after(() => {
    server.close();
    breakAll();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The way has no port.");
  const by = new URL(url);
  by.searchParams.delete("host");
  by.host = `127.0.0.1:${address.port}`;
  return {
    url: by.href,
    close: () => {
      isOpen = false;
      breakAll();
    },
    open: () => {
      isOpen = true;
    },
  };
}
