import { expect, it } from 'vitest'
import { freeMemoryBytes } from '../../../../app/engine/free-memory'

function free(files: Record<string, string>): number {
  return freeMemoryBytes({ freeBytes: () => 1000, readText: (path) => files[path] })
}

it('is what the system has free where no control group limits it', () => {
  expect(free({})).toBe(1000)
  expect(free({ '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/memory.max': 'max\n' })).toBe(1000)
})

it('is what the control group leaves, its file pages counting as free', () => {
  expect(
    free({
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/memory.max': '900\n',
      '/sys/fs/cgroup/a/memory.current': '700\n',
      '/sys/fs/cgroup/a/memory.stat': 'anon 600\ninactive_file 30\nactive_file 20\n',
    }),
  ).toBe(250)
})

it('looks at the root that a container sees', () => {
  expect(
    free({
      '/proc/self/cgroup': '0::/../../elsewhere\n',
      '/sys/fs/cgroup/memory.max': '500\n',
      '/sys/fs/cgroup/memory.current': '100\n',
    }),
  ).toBe(400)
})

it('reads version 1, whose way of saying "no limit" is a number near 2^63', () => {
  const group = '/sys/fs/cgroup/memory/group'
  const files = { '/proc/self/cgroup': '4:memory:/group\n0::/\n', [`${group}/memory.usage_in_bytes`]: '100' }
  expect(free({ ...files, [`${group}/memory.limit_in_bytes`]: '9223372036854771712' })).toBe(1000)
  expect(free({ ...files, [`${group}/memory.limit_in_bytes`]: '600' })).toBe(500)
})

it('is never negative', () => {
  expect(
    free({
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': '100',
      '/sys/fs/cgroup/memory.current': '200',
    }),
  ).toBe(0)
})

it('is a positive number for this process', () => {
  expect(freeMemoryBytes()).toBeGreaterThan(0)
})
