import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const POLL_MS = 50

/** The lock of `requestSingleInstanceLock`: one process a `userData` folder; the others leave it their data. */
export function takeLock(folder: string, data: unknown, onSecond: (data: unknown) => void): boolean {
  const lock = join(folder, 'stand-in.lock')
  const letters = join(folder, 'stand-in-letters')
  mkdirSync(letters, { recursive: true })
  if (isHeld(lock)) {
    const letter = join(letters, `${process.pid}.json`)
    writeFileSync(`${letter}.part`, JSON.stringify(data))
    renameSync(`${letter}.part`, letter)
    return false
  }
  writeFileSync(lock, String(process.pid))
  process.on('exit', () => {
    rmSync(lock, { force: true })
  })
  setInterval(() => {
    for (const name of readdirSync(letters).filter((name) => name.endsWith('.json'))) {
      const letter = join(letters, name)
      const words: unknown = JSON.parse(readFileSync(letter, 'utf8'))
      rmSync(letter)
      onSecond(words)
    }
  }, POLL_MS).unref()
  return true
}

function isHeld(lock: string): boolean {
  if (!existsSync(lock)) return false
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch {
    return false
  }
}
