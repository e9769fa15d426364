/** A deterministic source of choices: the same seed parts give the same values in every process. */
export interface WorldRandom {
  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number
  /** A whole number in [0, n); 0 for n below 1. */
  int(n: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** @throws RangeError of an empty list */
  pick<Item>(list: readonly Item[]): Item
  /** True with this probability. */
  chance(probability: number): boolean
  /** A new list in random order. */
  shuffle<Item>(list: readonly Item[]): Item[]
}

/** Steps after seeding, until the state of similar seeds has nothing in common. */
const WARM_UP = 12

/** Chris Doty-Humphrey's sfc32: 128 bits of state, 32-bit integer operations only, so exact on every machine. */
class SmallFastCounter implements WorldRandom {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(a: number, b: number, c: number) {
    this.a = a
    this.b = b
    this.c = c
    for (let step = 0; step < WARM_UP; step += 1) this.next()
  }

  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }

  int(n: number): number {
    return Math.floor(this.next() * Math.max(0, n))
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  pick<Item>(list: readonly Item[]): Item {
    if (list.length === 0) throw new RangeError('expected a list of at least one, got none')
    return list[this.int(list.length)] as Item
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  shuffle<Item>(list: readonly Item[]): Item[] {
    const shuffled = [...list]
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = this.int(last + 1)
      const kept = shuffled[last] as Item
      shuffled[last] = shuffled[other] as Item
      shuffled[other] = kept
    }
    return shuffled
  }
}

/**
 * A generator made from numbers (64 bits of each count) and strings. Parts are kept apart: ('a', 'b') and ('ab') differ,
 * and so do 1 and '1'.
 */
export function createRandom(...seedParts: readonly (number | string)[]): WorldRandom {
  const state = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162])
  for (const part of seedParts) {
    if (typeof part === 'number') {
      absorb(state, part | 0)
      // Fractions and what is above 32 bits: exact for every whole number that a double can hold.
      absorb(state, Math.floor(part / 4294967296) | 0)
      absorb(state, Math.floor((part - Math.floor(part)) * 4294967296) | 0)
    } else {
      absorb(state, part.length ^ 0x5bd1e995)
      for (let index = 0; index < part.length; index += 1) absorb(state, part.charCodeAt(index))
    }
  }
  return new SmallFastCounter(state[0] ?? 0, state[1] ?? 0, state[2] ?? 0)
}

/** Mixes a 32-bit value into three words (the finaliser of MurmurHash3 on each, with different offsets). */
function absorb(state: Uint32Array, value: number): void {
  for (let word = 0; word < 3; word += 1) {
    let mixed = (state[word] ?? 0) ^ Math.imul(value + 0x3c6ef372 * (word + 1), 0xcc9e2d51)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    state[word] = (mixed ^ (mixed >>> 16)) + 0x7f4a7c15
  }
}
