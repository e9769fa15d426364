import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { sampleKindSchema } from '../../app/contract/library'
import { repositoryRoot } from './engine-libraries'

/** Folder of the samples that ship with the bundled model. */
export const sampleFolder = join(repositoryRoot, 'models', 'longlens-tiny', 'sample')

const samplesFile = z.object({
  samples: z.array(
    z.object({
      kind: sampleKindSchema,
      title: z.string(),
      media: z.string(),
      questions: z.array(z.string()),
    }),
  ),
})

/** The samples in the order in which they are offered. */
export const bundledSamples = samplesFile.parse(
  JSON.parse(readFileSync(join(sampleFolder, 'sample.json'), 'utf8')),
).samples

/** File name of the bundled film: what the library calls it. */
export const sampleFilmName =
  bundledSamples.find(({ kind }) => kind === 'film')?.media ?? 'no film is bundled'

export const sampleFilm = join(sampleFolder, sampleFilmName)
