#!/usr/bin/env node
// Writes a checkpoint of several gigabytes in the official LongLLaVA layout, with made-up weights, to measure
// `longlens convert` with: four BF16 shards, CLIP ViT-L/14-336 inside, about 3.4 GB. Never commit what it makes.
//
//   node scripts/make-synthetic-checkpoint.mjs FOLDER [LAYERS]
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const [folder, layers = '16'] = process.argv.slice(2)
if (folder === undefined || existsSync(folder) || !/^[1-9]\d?$/u.test(layers)) {
  console.error('Usage: make-synthetic-checkpoint.mjs NEW-FOLDER [LAYERS, 1 to 99]')
  process.exit(2)
}

// The layout is written once, in TypeScript, for the tests.
const entry = fileURLToPath(new URL('../test/helpers/checkpoint.ts', import.meta.url))
const bundle = await build({
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
})
const code = Buffer.from(bundle.outputFiles[0]?.contents ?? []).toString('base64')
/** @type {unknown} */
const helpers = await import(`data:text/javascript;base64,${code}`)
const { writeCheckpoint } =
  /** @type {{ writeCheckpoint: (folder: string, options: object) => Promise<void> }} */ (helpers)

await writeCheckpoint(folder, {
  sizes: {
    hidden: 2048,
    intermediate: 7168,
    layers: Number(layers),
    heads: 16,
    kvHeads: 8,
    vocabulary: 65536,
    experts: 1,
    attentionPeriod: 8,
    attentionOffset: 4,
    state: 16,
    convolution: 4,
    timeStepRank: 128,
    tower: { width: 1024, intermediate: 4096, layers: 24, heads: 16, image: 336, patch: 14 },
  },
  type: 'BF16',
  shards: 4,
  innerTower: true,
})
