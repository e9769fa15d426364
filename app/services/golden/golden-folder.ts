import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

const tokenId = z.number().int().min(0)

/** `golden.json`: what each reference tensor is. Keys that are not needed here may be present. */
const goldenSchema = z.object({
  /** Relative to the folder; absent when the tower is inside the checkpoint. */
  vision_tower_dir: z.string().min(1).nullish(),
  images: z.array(z.object({ file: z.string().min(1) })).default([]),
  prompts: z
    .record(
      z.string(),
      z.object({
        /** −200 marks the place of one picture. */
        input_ids: z.array(z.union([tokenId, z.literal(-200)])).min(1),
        /** Which picture each −200 takes, in order. */
        images: z.array(z.number().int().min(0)).default([]),
        /** Greedy tokens. */
        generated: z.array(tokenId),
      }),
    )
    .refine((prompts) => Object.keys(prompts).length > 0, 'should hold at least one prompt'),
  generation: z
    .object({
      eos_token_id: z.union([tokenId.transform((id) => [id]), z.array(tokenId)]),
      min_new_tokens: z.number().int().min(0),
    })
    .partial()
    .default({}),
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
    const reason = cause instanceof z.ZodError ? reasonOf(cause) : 'it is not JSON'
    throw new AppError('golden_invalid', `${file}: ${reason}`, { file, reason }, { cause })
  }
}

/** The first thing that is wrong, with its place: "prompts.text.generated: …". */
function reasonOf({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it has another form'
  const place = issue.path.join('.')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}
