import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

/** By file name: what of the drawn world is really to be seen in it. */
export type RealObjects = Readonly<Record<string, readonly string[]>>

const schema = z.record(z.string(), z.array(z.string()))

/** Reads `{"cockatoo.mp4": ["bird"]}`. throws: media_not_found, invalid_input. */
export async function readRealObjects(file: string): Promise<RealObjects> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('media_not_found', `expected ${file}`, { file }, { cause })
  })
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    const reason = `"${file}" is not an object of lists of names by file`
    throw new AppError('invalid_input', reason, { reason }, { cause })
  }
}
