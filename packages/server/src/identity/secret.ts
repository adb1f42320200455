/**
 * Owns the form of an API key: `cst_`, 34 letters and digits of chance, 6 of checksum, so that a mistyped key is told from an
 * unknown one without a question to the database.
 */
import { hash } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const start = "cst_";
const chanceCharacters = 34;
const checksumCharacters = 6;
const prefixCharacters = 10;
/** The largest multiple of 62 in a byte: bytes from here on would make the first letters likelier. */
const evenEnd = 248;

/** Makes a key that nobody can guess. */
export function newSecret(randomBytes: (length: number) => Uint8Array): string {
  let chance = "";
  while (chance.length < chanceCharacters)
    for (const byte of randomBytes(chanceCharacters))
      if (byte < evenEnd && chance.length < chanceCharacters) chance += alphabet.charAt(byte % 62);
  return start + chance + checksumOf(chance);
}

/** Whether a text cannot be a key of ours although it looks like one: a slip of the pen. */
export function isMistyped(text: string): boolean {
  if (!/^cst_[0-9A-Za-z]{40}$/.test(text)) return false;
  const chance = text.slice(start.length, start.length + chanceCharacters);
  return checksumOf(chance) !== text.slice(start.length + chanceCharacters);
}

/** What is stored of a key, 64 hex digits. */
export function hashOf(secret: string): string {
  return hash("sha256", secret);
}

/** The first characters, to tell keys apart; of a short key of the operator's own, fewer. */
export function prefixOf(secret: string): string {
  return secret.slice(0, Math.min(prefixCharacters, secret.length >>> 1));
}

function checksumOf(chance: string): string {
  let rest = crc32(chance);
  let text = "";
  for (let place = 0; place < checksumCharacters; place += 1) {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
