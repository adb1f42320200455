/**
 * Owns the binary form of array parameters. The driver's own form is text that escapes every element, which for long events
 * costs more than all the rest of an append.
 */

const headerBytes = 20;
const lengthBytes = 4;
/** Up to this length a loop over ASCII is faster than a call out of JavaScript. */
const shortLengthMax = 64;
const typeIds = { text: 25, bigint: 20, integer: 23 } as const;

/** A `text[]`. */
export function textArray(values: readonly string[]): Buffer {
  let bytesMax = headerBytes;
  for (const value of values)
    bytesMax +=
      lengthBytes + (value.length <= shortLengthMax ? 3 * value.length : Buffer.byteLength(value));
  const target = Buffer.allocUnsafe(bytesMax);
  let at = writeHeader(target, typeIds.text, values.length);
  for (const value of values) {
    const length = writeText(target, at + lengthBytes, value);
    target.writeInt32BE(length, at);
    at += lengthBytes + length;
  }
  return target.subarray(0, at);
}

/** A `text[]` in which null is NULL. */
export function nullableTextArray(values: readonly (string | null)[]): Buffer {
  if (!values.includes(null)) return textArray(values.map((value) => value ?? ""));
  const parts = values.map((value) => (value === null ? null : Buffer.from(value)));
  const bytes = parts.reduce((sum, part) => sum + lengthBytes + (part?.length ?? 0), headerBytes);
  const target = Buffer.allocUnsafe(bytes);
  let at = writeHeader(target, typeIds.text, values.length, true);
  for (const part of parts) {
    at = target.writeInt32BE(part?.length ?? -1, at);
    if (part !== null) at += part.copy(target, at);
  }
  return target.subarray(0, at);
}

/** A `bigint[]` of any 64-bit integers. */
export function int64Array(values: readonly bigint[]): Buffer {
  const target = Buffer.allocUnsafe(headerBytes + values.length * (lengthBytes + 8));
  let at = writeHeader(target, typeIds.bigint, values.length);
  for (const value of values) {
    at = target.writeInt32BE(8, at);
    at = target.writeBigInt64BE(value, at);
  }
  return target.subarray(0, at);
}

/** A `bigint[]` of integers from 0 to 2^53 - 1. */
export function bigintArray(values: readonly number[]): Buffer {
  const target = Buffer.allocUnsafe(headerBytes + values.length * (lengthBytes + 8));
  let at = writeHeader(target, typeIds.bigint, values.length);
  for (const value of values) {
    at = target.writeInt32BE(8, at);
    at = target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
    at = target.writeUInt32BE(value % 2 ** 32, at);
  }
  return target.subarray(0, at);
}

/** An `integer[]`. */
export function integerArray(values: readonly number[]): Buffer {
  const target = Buffer.allocUnsafe(headerBytes + values.length * (lengthBytes + 4));
  let at = writeHeader(target, typeIds.integer, values.length);
  for (const value of values) {
    at = target.writeInt32BE(4, at);
    at = target.writeInt32BE(value, at);
  }
  return target.subarray(0, at);
}

/** Digests of 64 hex digits end to end, 32 bytes each: a `bytea` that the statement cuts up. */
export function digests(values: readonly string[]): Buffer {
  return Buffer.from(values.join(""), "hex");
}

/** Dimensions (none for an empty array), whether nulls occur, element type, length, first index 1; answers where elements begin. */
function writeHeader(target: Buffer, typeId: number, length: number, hasNulls = false): number {
  target.writeInt32BE(length === 0 ? 0 : 1, 0);
  target.writeInt32BE(hasNulls ? 1 : 0, 4);
  target.writeInt32BE(typeId, 8);
  if (length === 0) return 12;
  target.writeInt32BE(length, 12);
  return target.writeInt32BE(1, 16);
}

function writeText(target: Buffer, at: number, value: string): number {
  if (value.length > shortLengthMax) return target.write(value, at);
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit > 127) return target.write(value, at);
    target[at + index] = unit;
  }
  return value.length;
}
