import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors'
import { sampleKindSchema, type Sample, type SampleKind } from '../../contract/library'

const nameHere = z
  .string()
  .min(1)
  .refine(
    (name) => basename(name) === name && name !== '..' && name !== '.',
    'expected a name without a folder',
  )

const sampleSchema = z.strictObject({
  kind: sampleKindSchema,
  title: z.string().min(1),
  /** One sentence that offers it. */
  about: z.string().min(1),
  /** What is opened: the film, the picture, or the folder with the pictures of the set. */
  media: nameHere,
  /** WebP of 192×144 pixels that stands for it. */
  icon: nameHere.endsWith('.webp').optional(),
  /** That the bundled model answers well. */
  questions: z.array(z.string().min(1)).min(1),
})

/**
 * `sample.json` of the bundled model's folder `sample/`: at most one sample of each kind, in the order in which they are
 * offered, their files beside it. A film is a video; a picture is read as a whole and in tiles; a set is a folder of
 * pictures, which are compared in the order of their names.
 */
const samplesFileSchema = z.strictObject({
  samples: z
    .array(sampleSchema)
    .min(1)
    .refine(
      (all) => new Set(all.map(({ kind }) => kind)).size === all.length,
      'expected one sample of a kind',
    ),
})
export type SamplesFile = z.infer<typeof samplesFileSchema>
export type BundledSample = SamplesFile['samples'][number]

/** All samples in the folder, or none where none are bundled. Errors: media_damaged. */
export async function readSamples(folder: string | null): Promise<readonly BundledSample[]> {
  if (folder === null) return []
  const file = join(folder, 'sample.json')
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch {
    return []
  }
  try {
    return samplesFileSchema.parse(JSON.parse(text)).samples
  } catch (error) {
    throw new AppError(
      'media_damaged',
      `${file}: ${String(error)}`,
      { file, reason: 'it does not say what the samples are' },
      { cause: error },
    )
  }
}

/** One sample, `media` its absolute path. Errors: media_not_found when there is none of the kind, media_damaged. */
export async function findSample(folder: string | null, kind: SampleKind): Promise<BundledSample> {
  const sample = (await readSamples(folder)).find((one) => one.kind === kind)
  if (folder === null || sample === undefined) {
    throw new AppError('media_not_found', `no sample ${kind} is bundled`, { file: 'sample.json' })
  }
  return { ...sample, media: join(folder, sample.media) }
}

/** What offers each sample. An icon that cannot be read is left out. Errors: media_damaged. */
export async function listSamples(folder: string | null): Promise<Sample[]> {
  const samples = await readSamples(folder)
  return await Promise.all(
    samples.map(async ({ kind, title, about, icon }) => {
      const bytes =
        folder === null || icon === undefined ? null : await readFile(join(folder, icon)).catch(() => null)
      return { kind, title, about, icon: bytes && `data:image/webp;base64,${bytes.toString('base64')}` }
    }),
  )
}
