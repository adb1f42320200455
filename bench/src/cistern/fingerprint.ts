import { hash } from "node:crypto";

/** As the API makes it: SHA-256 over method, path and canonical body. */
export function fingerprint(path: string, body: string): string {
  return hash("sha256", `POST ${path}\n${body}`);
}
