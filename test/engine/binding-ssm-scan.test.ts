import { join } from 'node:path'
import { expect, it } from 'vitest'
import { largestDifference } from '../helpers/largest-difference'
import { busyShape, tinyShape, writeTinyModel } from '../helpers/tiny-model'
import { withFolder } from '../helpers/tiny-model-engine'
import { runTinyModel } from '../helpers/tiny-model-run'

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
        const off = await runTinyModel(folder, { env: { LONGLENS_SSM_SCAN: 'off' } })
        const on = await runTinyModel(folder, { env: { LONGLENS_SSM_SCAN: kernel } })
        for (const ran of [off, on]) {
          expect(ran.live).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
        }
        expect(off.systemInfo).not.toContain('SSM_SCAN')
        if (!on.systemInfo.includes(`SSM_SCAN = ${label}`)) context.skip(`this processor has no ${label}`)

        expect(on.devices).toContainEqual(expect.objectContaining({ name: 'KERNELS', type: 'accel' }))
        const largest = largestDifference(on.logits, off.logits)
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
