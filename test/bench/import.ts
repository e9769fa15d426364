/** Importing a checkpoint of about 3.4 GB, beside copying its files. Needs about 8 GB of free disk for a while. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { repositoryRoot } from '../helpers/engine-libraries'
import { temporaryFolder } from '../helpers/make-media'
import { print, printMachine, secondsOf } from './measure'

const BENCH = 'import'

/** Runs a program of the repository and gives the most memory it had resident, bytes (Linux; else NaN). */
async function peakMemory(script: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(repositoryRoot, script), ...args], { stdio: 'inherit' })
  let peak = NaN
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8')
      const kilobytes = Number(/^VmHWM:\s+(\d+) kB/mu.exec(status)?.[1])
      if (!Number.isNaN(kilobytes)) peak = kilobytes * 1024
    } catch {
      // Ended, or another system.
    }
  }, 50)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(timer)
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`)
  return peak
}

async function folderBytes(folder: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(folder)) sum += (await stat(join(folder, name))).size
  return sum
}

export async function run(): Promise<void> {
  printMachine(BENCH)
  const folder = temporaryFolder()
  try {
    const checkpoint = join(folder.path, 'checkpoint')
    await peakMemory('scripts/make-synthetic-checkpoint.mjs', [checkpoint])
    const bytes = await folderBytes(checkpoint)
    const figure = { bench: BENCH, what: 'checkpoint', unit: 'MB/s', bytes }
    const copy = join(folder.path, 'copy')
    const copying = await secondsOf(() => cp(checkpoint, copy, { recursive: true }))
    await rm(copy, { recursive: true })
    print({ ...figure, variant: 'copying the files', value: bytes / 1e6 / copying })
    let peak = NaN
    const seconds = await secondsOf(async () => {
      peak = await peakMemory('build/cli.js', ['convert', checkpoint, '--out', join(folder.path, 'model')])
    })
    print({ ...figure, variant: 'longlens convert', value: bytes / 1e6 / seconds })
    print({ ...figure, variant: 'longlens convert', what: 'most memory', value: peak / 1e6, unit: 'MB' })
  } finally {
    folder.remove()
  }
}
