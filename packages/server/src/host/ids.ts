/**
 * Owns the form of our ids: a prefix, then 26 characters of Crockford's base 32 (48 bits of time, 80 of chance).
 *
 * I1 ids of one source sort in the order in which they were made, also within a millisecond and when the clock steps back.
 */

/** What ids are made of. */
export interface IdSource {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Bytes that nobody can foretell. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Makes an id that nobody else makes, such as `hld_01jd8z4q6w8y0c3e5g7j9m1p3r`. */
export type NewId = (prefix: string) => string;

const digits = "0123456789abcdefghjkmnpqrstvwxyz";
const drawnDigits = 8;
const counterDigits = 8;
const counterEnd = 2 ** 40;
const timeDigits = 10;
/** Drawn at once for this many beginnings: under load there is one each millisecond, and a draw costs as much for 10 bytes. */
const beginningsDrawn = 128;
const beginningBytes = 10;

/** Ids of one process. A burst within a millisecond counts on from where chance began, so that it costs no more chance. */
export function createIds({ now, randomBytes }: IdSource): NewId {
  let time = -1;
  let start = "";
  let counter = 0;
  let drawn = new Uint8Array(0);
  let used = 0;
  const begin = (at: number): void => {
    time = at;
    if (used === drawn.length) {
      drawn = Uint8Array.from(randomBytes(beginningBytes * beginningsDrawn));
      used = 0;
    }
    start = write(at, timeDigits) + write(numberOf(drawn, used), drawnDigits);
    counter = numberOf(drawn, used + 5);
    // No byte serves twice, and none stays to be read.
    drawn.fill(0, used, used + beginningBytes);
    used += beginningBytes;
  };
  return (prefix) => {
    const at = now();
    counter += 1;
    if (at > time) begin(at);
    else if (counter >= counterEnd) begin(time + 1);
    return `${prefix}_${start}${write(counter, counterDigits)}`;
  };
}

/** Five bytes as a number below 2^40. */
function numberOf(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let index = from; index < from + 5; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

/** Two digits at a time: half the steps, and a quarter of the time. */
function write(value: number, width: number): string {
  let text = "";
  let rest = value;
  for (let place = 0; place < width; place += 2) {
    text = (digitPairs[rest % 1024] ?? "") + text;
    rest = Math.floor(rest / 1024);
  }
  return text;
}

const digitPairs = Array.from(
  { length: 1024 },
  (_, value) => digits.charAt(value >>> 5) + digits.charAt(value & 31),
);
