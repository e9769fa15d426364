import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { acquireSetupLock } from '../../../scripts/lib/setup-lock.mjs'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-lock-'))
  file = join(folder, 'cache', 'setup.lock')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The id of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid
}

it('names its holder and is gone when given back', async () => {
  const release = await acquireSetupLock(file)
  expect(readFileSync(file, 'utf8')).toBe(String(process.pid))

  release()
  expect(readdirSync(join(folder, 'cache'))).toEqual([])
})

it('lets a second one wait until the first gives it back', async () => {
  const order: string[] = []
  const release = await acquireSetupLock(file)

  const second = acquireSetupLock(file, { onWait: (pid) => order.push(`waits for ${pid}`) }).then(
    (releaseSecond) => {
      order.push('second')
      releaseSecond()
    },
  )
  await new Promise((resolve) => setTimeout(resolve, 50))
  order.push('first gives back')
  release()
  await second

  expect(order).toEqual([`waits for ${process.pid}`, 'first gives back', 'second'])
})

it('takes over the lock of a process that is gone', async () => {
  const first = await acquireSetupLock(file)
  first()
  writeFileSync(file, String(deadProcess()))

  const release = await acquireSetupLock(file)

  expect(readFileSync(file, 'utf8')).toBe(String(process.pid))
  release()
  expect(existsSync(file)).toBe(false)
})

it('takes over a lock that its living process no longer touches', async () => {
  const first = await acquireSetupLock(file)
  first()
  writeFileSync(file, String(process.ppid))

  const release = await acquireSetupLock(file, { silenceMs: 300 })

  expect(readFileSync(file, 'utf8')).toBe(String(process.pid))
  release()
})

it('lets many through one at a time after a dead holder', async () => {
  const first = await acquireSetupLock(file)
  first()
  writeFileSync(file, String(deadProcess()))
  let inside = 0
  let most = 0

  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const release = await acquireSetupLock(file)
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside -= 1
      release()
    }),
  )

  expect(most).toBe(1)
})
