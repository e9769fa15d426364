import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

/** sample.json beside the bundled sample: the video's file name and questions that the bundled model answers well. */
const sampleSchema = z.object({
  video: z.string().refine((name) => basename(name) === name, 'expected a file name without a folder'),
  questions: z.array(z.string().min(1)).min(1),
})

/** The sample's absolute path and its questions. Errors: media_not_found, media_damaged. */
export async function readSample(folder: string | null): Promise<{ video: string; questions: string[] }> {
  if (folder === null) throw new AppError('media_not_found', 'no sample is bundled', { file: 'sample.json' })
  const file = join(folder, 'sample.json')
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new AppError('media_not_found', `${file}: cannot be read`, { file }, { cause: error })
  }
  try {
    const sample = sampleSchema.parse(JSON.parse(text))
    return { video: join(folder, sample.video), questions: sample.questions }
  } catch (error) {
    throw new AppError(
      'media_damaged',
      `${file}: ${String(error)}`,
      { file, reason: 'it does not name a video' },
      { cause: error },
    )
  }
}
