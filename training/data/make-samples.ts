/**
 * Draws the samples that ship with the bundled model: film, large picture, set of pictures, sample.json, and what is to
 * be answered. The same scenes and art give the same pictures.
 *
 *   node scripts/make-samples.mjs models/longlens-tiny/sample
 */
import { parseArgs } from 'node:util'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { loadArtPack } from '../../app/services/world/art-pack'
import { writeSamples } from './samples/sample-files'

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [folder, ...others] = positionals
  if (folder === undefined || others.length > 0)
    throw new Error('expected one folder to write the samples to')
  const { ffmpeg } = await findFfmpeg({ env: process.env })
  await writeSamples(folder, await loadArtPack('models/longlens-tiny/world'), ffmpeg.path)
}

await main()
