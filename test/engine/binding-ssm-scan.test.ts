import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { cpuLibraries } from '../helpers/engine-libraries'
import { busyShape, tinyShape, writeTinyModel } from '../helpers/tiny-model'
import { addonPath, withFolder } from '../helpers/tiny-model-engine'

const child = fileURLToPath(new URL('../helpers/tiny-model-child.mjs', import.meta.url))
const run = promisify(execFile)

interface Ran {
  readonly systemInfo: string
  readonly devices: readonly { readonly name: string; readonly type: string }[]
  readonly live: unknown
  readonly logits: Float32Array
}

async function runModel(folder: string, scan: 'on' | 'avx2' | 'off'): Promise<Ran> {
  const output = join(folder, `${scan}.bin`)
  const { folder: libraries, libraries: paths, backends } = cpuLibraries()
  const variant = JSON.stringify({ folder: libraries, libraries: paths, backends })
  const { stdout } = await run(
    process.execPath,
    [child, addonPath, join(folder, 'language.gguf'), output, variant],
    {
      env: { ...process.env, LONGLENS_SSM_SCAN: scan },
    },
  )
  const bytes = await readFile(output)
  const logits = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return { ...(JSON.parse(stdout) as Omit<Ran, 'logits'>), logits }
}

for (const [kernel, label] of [
  ['on', 'AVX-512'],
  ['avx2', 'AVX2'],
] as const) {
  for (const [name, shape] of [
    ['a small', tinyShape],
    ['a larger', busyShape],
  ] as const) {
    it(`our ${label} scan computes what ggml's computes, to 1e-4, in ${name} model`, async (context) => {
      await withFolder(async (folder) => {
        await writeTinyModel(join(folder, 'language.gguf'), shape)
        const off = await runModel(folder, 'off')
        const on = await runModel(folder, kernel)
        for (const ran of [off, on]) {
          expect(ran.live).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
        }
        expect(off.systemInfo).not.toContain('SSM_SCAN')
        if (!on.systemInfo.includes(`SSM_SCAN = ${label}`)) context.skip(`this processor has no ${label}`)

        expect(on.devices).toContainEqual(expect.objectContaining({ name: 'SSM', type: 'accel' }))
        const differences = on.logits.map((value, i) => Math.abs(value - (off.logits[i] ?? Number.NaN)))
        const largest = Math.max(...differences)
        console.log(
          `our ${label} scan against ggml's, ${name} model: largest difference ${largest.toExponential(1)}`,
        )
        expect(largest).toBeLessThan(1e-4)
        // Another rounding is the trace of another kernel: without any, ours did not run.
        expect(largest).toBeGreaterThan(0)
      })
    })
  }
}
