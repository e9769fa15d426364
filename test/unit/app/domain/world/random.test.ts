import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../../app/domain/world/random'

describe('random choices', () => {
  it('are the same for the same seed, in every process', () => {
    const random = createRandom('clip', 7, 123456789012, 'train')
    expect([random.int(1000), random.int(1000), random.int(1000), random.next()]).toEqual([
      326, 219, 944, 0.4964239194523543,
    ])
  })

  it('differ with each part of the seed, its type and its order', () => {
    const seeds = [['ab'], ['a', 'b'], ['b', 'a'], [1], ['1'], [-1], [2 ** 32 + 1], [1.5], [1, 0], [0, 1], []]
    const first = seeds.map((parts) => createRandom(...parts).next())
    expect(new Set(first).size).toBe(seeds.length)
  })

  it('are spread evenly, also over seeds that follow each other', () => {
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let seed = 0; seed < 10_000; seed += 1) {
      const bucket = createRandom('spread', seed).int(10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('stay within their bounds', () => {
    const random = createRandom(5)
    for (let i = 0; i < 1000; i += 1) {
      expect(random.next()).toBeLessThan(1)
      expect(random.between(2, 3)).toBeGreaterThanOrEqual(2)
      expect([0, 1, 2]).toContain(random.int(3))
    }
    expect([random.int(0), random.int(-4)]).toEqual([0, 0])
  })

  it('shuffle a copy and keep every item', () => {
    const list = [1, 2, 3, 4, 5, 6, 7, 8]
    const shuffled = createRandom('shuffle').shuffle(list)
    expect(list).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(shuffled).not.toEqual(list)
    expect(shuffled.toSorted()).toEqual(list)
  })

  it('refuse to pick from nothing', () => {
    expect(() => createRandom(1).pick([])).toThrow('expected a list of at least one, got none')
  })
})
