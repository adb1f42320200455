/**
 * Owns how secrets stand in the database: sealed where this node was given a key, as they are where it was not (docs/decisions/0060).
 *
 * L1 sealed by AES-256-GCM with a nonce of its own, and for one endpoint: put into another one's row it does not open. L2 the first key seals, each opens
 * what it sealed. L3 what is plain, or sealed by another key than the first, is to be sealed again. L4 what no key opens gives nothing, never another secret.
 */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

/** See the file head. `of` is the endpoint's consumer. */
export interface Sealing {
  seal(secret: string, of: string): string;
  /** undefined: L4. */
  open(text: string, of: string): string | undefined;
  /** L3: whether it stands as `seal` would write it. */
  isAsSealed(text: string): boolean;
}

const cipher = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const prefix = "sealed";

/**
 * No keys: nothing is sealed.
 *
 * @example createSealing([key], randomBytes).seal("whsec_…", "webhook/crm/whk_…") // "sealed.3f2a90bc.…"
 */
export function createSealing(
  keys: readonly Uint8Array[],
  randomBytes: (length: number) => Uint8Array,
): Sealing {
  const known = keys.map((key) => ({ id: idOf(key), key }));
  const [first] = known;
  return {
    seal(secret, of) {
      if (first === undefined) return secret;
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, first.key, nonce).setAAD(Buffer.from(of));
      const sealed = [nonce, sealing.update(secret, "utf8"), sealing.final(), sealing.getAuthTag()];
      return `${prefix}.${first.id}.${Buffer.concat(sealed).toString("base64url")}`;
    },
    open(text, of) {
      const sealed = read(text);
      if (sealed === undefined) return text;
      const by = known.find(({ id }) => id === sealed.keyId);
      return by === undefined ? undefined : openWith(by.key, sealed.bytes, of);
    },
    isAsSealed: (text) => read(text)?.keyId === first?.id,
  };
}

/** Names a key without telling it. */
const idOf = (key: Uint8Array): string =>
  createHash("sha256").update("cistern sealing key").update(key).digest("hex").slice(0, 8);

/** undefined: it stands as it is. */
function read(text: string): { readonly keyId: string; readonly bytes: Buffer } | undefined {
  const [kind, keyId = "", bytes = ""] = text.split(".");
  return kind === prefix ? { keyId, bytes: Buffer.from(bytes, "base64url") } : undefined;
}

function openWith(key: Uint8Array, bytes: Buffer, of: string): string | undefined {
  const nonce = bytes.subarray(0, nonceBytes);
  const end = bytes.length - tagBytes;
  try {
    const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
    opening.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(end));
    const secret = [opening.update(bytes.subarray(nonceBytes, end)), opening.final()];
    return Buffer.concat(secret).toString("utf8");
  } catch {
    return undefined;
  }
}
