import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

/** `golden.json`: what each reference tensor is. Keys that are not needed here may be present. */
const goldenSchema = z.object({
  vision_tower_dir: z.string().optional(),
  images: z.array(z.object({ file: z.string(), width: z.number().int(), height: z.number().int() })),
  prompts: z.record(
    z.string(),
    z.object({
      /** −200 marks the place of one picture. */
      input_ids: z.array(z.number().int()),
      /** Which picture each −200 takes, in order. */
      images: z.array(z.number().int().min(0)),
      /** Greedy tokens. */
      generated: z.array(z.number().int()),
    }),
  ),
  generation: z
    .object({ eos_token_id: z.number().int(), min_new_tokens: z.number().int() })
    .partial()
    .default({}),
  entries: z.record(z.string(), z.object({ shape: z.array(z.number().int()), dtype: z.string() })),
})
export type GoldenDescription = z.infer<typeof goldenSchema>

/** Stands for one picture in `input_ids` (IMAGE_TOKEN_INDEX of the official code). */
export const IMAGE_MARK = -200

export async function readGoldenDescription(folder: string): Promise<GoldenDescription> {
  const file = join(folder, 'golden.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new AppError('golden_invalid', `expected ${file}`, { file, reason: 'it cannot be read' }, { cause })
  }
  try {
    return goldenSchema.parse(JSON.parse(text))
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON'
    throw new AppError('golden_invalid', `${file}: ${reason}`, { file, reason }, { cause })
  }
}
