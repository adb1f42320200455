/** Owns how an event is signed: Standard Webhooks, by every secret that counts. */
import { Webhook } from "standardwebhooks";

const secretBytes = 32;
const prefix = "whsec_";

/** A new secret, as receivers give it to their library. */
export const newSecret = (randomBytes: (length: number) => Uint8Array): string =>
  `${prefix}${Buffer.from(randomBytes(secretBytes)).toString("base64")}`;

/** What is signed. */
export interface Signing {
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
}

/** The three headers; of several secrets each signs, and a receiver takes either. */
export function signedHeaders(
  { id, atMs, body }: Signing,
  secrets: readonly string[],
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  // oxlint-disable-next-line no-restricted-globals -- no clock: the instant is given, and the library wants a Date
  const at = new Date(atMs);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, body));
  return {
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(atMs / 1_000)}`,
    "webhook-signature": signatures.join(" "),
  };
}
