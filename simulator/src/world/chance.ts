/**
 * Owns all chance of a run. A seed gives the same numbers for ever; a fork has a stream of its own, so that one more draw in
 * one part of the world leaves all other parts as they were.
 */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = "") {
    this.#a = mix(seed ^ 0x9e3779b9);
    this.#b = mix(hashOf(stream) ^ seed);
    this.#c = mix(this.#a ^ this.#b);
    for (let warmUp = 0; warmUp < 12; warmUp += 1) this.next();
  }

  /** A stream of its own, named. */
  fork(stream: string): Chance {
    return new Chance(this.next(), stream);
  }

  /** 32 bits (sfc32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 to 1, 1 excluded. */
  fraction(): number {
    return this.next() / 4_294_967_296;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T;
  pick<T>(list: readonly T[]): T | undefined;
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.fraction() * list.length)];
  }

  /** A name by its weight. */
  weighted<Name extends string>(weights: readonly (readonly [Name, number])[]): Name | undefined {
    let left = this.fraction() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0) return name;
    }
    return weights.at(-1)?.[0];
  }

  /** An integer around `mean`, with a long tail (exponential), at least 1. */
  around(mean: number): number {
    return Math.max(1, Math.round(-Math.log(1 - this.fraction()) * mean));
  }
}

function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
