import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SessionParams } from '../../app/engine/engine-binding'
import { cpuLibraries } from './engine-libraries'
import { addonPath } from './tiny-model-engine'

const child = fileURLToPath(new URL('./tiny-model-child.mjs', import.meta.url))
const run = promisify(execFile)

export interface Ran {
  readonly systemInfo: string
  readonly devices: readonly { readonly name: string; readonly type: string }[]
  readonly live: unknown
  readonly logits: Float32Array
}

export interface RunOptions {
  /** Settings of the addon that are read once a process. */
  readonly env: Readonly<Record<string, string>>
  /** What is not as in tiny-model-child.mjs. */
  readonly session?: Partial<SessionParams>
  /** Tokens that are read. */
  readonly length?: number
}

/** The last logits of `language.gguf` of a folder, from a process of its own. */
export async function runTinyModel(folder: string, { env, session = {}, length }: RunOptions): Promise<Ran> {
  const output = join(folder, 'logits.bin')
  const { folder: libraries, libraries: paths, backends } = cpuLibraries()
  const variant = JSON.stringify({ folder: libraries, libraries: paths, backends })
  const unusual = JSON.stringify({ session, length })
  const { stdout } = await run(
    process.execPath,
    [child, addonPath, join(folder, 'language.gguf'), output, variant, unusual],
    { env: { ...process.env, ...env } },
  )
  const bytes = await readFile(output)
  const logits = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return { ...(JSON.parse(stdout) as Omit<Ran, 'logits'>), logits }
}
