// Owns: how much of a stream is approved, in units. S1: what is covered are the first slice and those that were approved. S2: another one is
// wanted when a quarter of the newest is left. S3: each is `grow` times the one before, up to `cap`; only buckets that run low grow. S4: once one was
// refused none is larger than the first, so that what is left is used up to less than that.
import type { Usage } from "@cistern/contract";

/** How slices grow. */
export interface SliceTerms {
  /** All of the input, and the output that is approved at once. */
  readonly first: Usage;
  /** How many times a slice is larger than the one before; default 2. */
  readonly grow?: number;
  /** The most units of a slice, by bucket; default 16 times those of the first. */
  readonly cap?: Usage;
}

/** One bucket. `slice` is 0 where it does not flow: input is there at once. */
interface Bucket {
  delivered: number;
  covered: number;
  slice: number;
}

/** What the next slice would cover, by bucket. */
type Wanted = ReadonlyMap<string, Pick<Bucket, "covered" | "slice">>;

/** A slice that was asked for and not answered yet. */
export interface NextSlice {
  /** All that the call would be approved for. */
  readonly whole: Usage;
  readonly wanted: Wanted;
}

const growDefault = 2;
const capDefault = 16;
const lowAt = 0.25;

/** The slices of one stream. Mutable: what is delivered and covered. */
export class StreamSlices {
  readonly #grow: number;
  readonly #cap: Usage;
  readonly #buckets = new Map<string, Bucket>();
  #isScarce = false;

  constructor({ first, grow = growDefault, cap = {} }: SliceTerms) {
    if (!(grow >= 1)) throw new TypeError(`grow is ${grow}; a slice is never smaller than before.`);
    this.#grow = grow;
    this.#cap = cap;
    const flowing = Object.keys(first).filter((bucket) => bucket.startsWith("output"));
    for (const [bucket, units] of Object.entries(first)) {
      const flows = flowing.length === 0 || flowing.includes(bucket);
      this.#buckets.set(bucket, { delivered: 0, covered: units, slice: flows ? units : 0 });
    }
    this.#first = first;
  }

  readonly #first: Usage;

  /** Adds to what was delivered. */
  deliver(usage: Usage): void {
    for (const bucket in usage) {
      const units = usage[bucket] ?? 0;
      const known = this.#buckets.get(bucket);
      if (known === undefined)
        this.#buckets.set(bucket, { delivered: units, covered: 0, slice: units });
      else known.delivered += units;
    }
  }

  /** By bucket, what was delivered. */
  delivered(): Usage {
    return Object.fromEntries(
      [...this.#buckets].flatMap(([bucket, { delivered }]) =>
        delivered === 0 ? [] : [[bucket, delivered]],
      ),
    );
  }

  /** The same, with the input that was sent before anything could come back. */
  reckoned(): Usage {
    const sent = Object.entries(this.#first).filter(
      ([bucket]) => this.#buckets.get(bucket)?.slice === 0,
    );
    return { ...Object.fromEntries(sent), ...this.delivered() };
  }

  get isUsedUp(): boolean {
    for (const bucket of this.#buckets.values()) if (reaches(bucket, bucket.covered)) return true;
    return false;
  }

  /** S2. */
  get isLow(): boolean {
    for (const bucket of this.#buckets.values()) if (isLow(bucket)) return true;
    return false;
  }

  /** What to ask for (S3). */
  next(): NextSlice {
    const wanted = new Map<string, Pick<Bucket, "covered" | "slice">>();
    const whole: Record<string, number> = {};
    for (const [name, bucket] of this.#buckets) {
      const { delivered, covered, slice } = bucket;
      const from = Math.max(delivered, covered);
      const grown = isLow(bucket) ? this.#grown(name, slice) : 0;
      whole[name] = from + grown;
      wanted.set(name, { covered: from + grown, slice: grown === 0 ? slice : grown });
    }
    return { whole, wanted };
  }

  /** What to ask for in place of a slice that was refused (S4). Undefined: that was as small as it gets. */
  smaller(refused: NextSlice): NextSlice | undefined {
    this.#isScarce = true;
    const next = this.next();
    return unitsOf(next) < unitsOf(refused) ? next : undefined;
  }

  /** The next slice was approved. */
  approve({ wanted }: NextSlice): void {
    for (const [name, { covered, slice }] of wanted) {
      const bucket = this.#buckets.get(name);
      if (bucket !== undefined) Object.assign(bucket, { covered, slice });
    }
  }

  /** Whether more was delivered than the next slice would cover. */
  isPast({ wanted }: NextSlice): boolean {
    for (const [name, bucket] of this.#buckets)
      if (reaches(bucket, wanted.get(name)?.covered ?? 0)) return true;
    return false;
  }

  #grown(bucket: string, slice: number): number {
    const first = this.#first[bucket] ?? slice;
    const most = this.#isScarce ? first : (this.#cap[bucket] ?? first * capDefault);
    return Math.min(Math.ceil(slice * this.#grow), Math.max(most, 0));
  }
}

const unitsOf = ({ whole }: NextSlice): number =>
  Object.values(whole).reduce((sum, units) => sum + units, 0);

const isLow = ({ delivered, covered, slice }: Bucket): boolean =>
  slice === 0 ? delivered > covered : covered - delivered <= slice * lowAt;

/** What flows is used up when none is left; of the rest there may be as much as is covered. */
const reaches = ({ delivered, slice }: Bucket, covered: number): boolean =>
  slice === 0 ? delivered > covered : delivered >= covered;
